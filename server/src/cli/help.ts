import type { Command, Options } from './command.ts'
import type { CommandEntry } from './command-list.ts'

function columns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length))
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`)
}

/** What `outcry --help` prints; `commands` may be one group only. */
export function overview(commands: readonly CommandEntry[]): string[] {
  return [
    'Usage: outcry COMMAND [OPTIONS]',
    '',
    ...columns(commands.map(({ name, summary }): [string, string] => [name, summary])),
    '',
    'outcry COMMAND --help says more about one of them. Settings come from the environment (OUTCRY_…) or from',
    'the file that OUTCRY_CONFIG names.',
  ]
}

function optionRows(options: Options): (readonly [string, string])[] {
  return Object.entries(options).map(([name, option]) => {
    if (option.type === 'boolean') return [`--${name}`, option.summary]
    const isRequired = option.type === 'string' && option.isRequired
    return [`--${name} ${option.value}`, `${option.summary}${isRequired ? ' (required)' : ''}`]
  })
}

/** What `outcry COMMAND --help` prints. */
export function commandHelp(name: string, command: Command): string[] {
  const parts = Object.entries(command.options).map(([word, option]) => {
    const text = option.type === 'boolean' ? `--${word}` : `--${word} ${option.value}`
    if (option.type === 'list') return `[${text}]…`
    return option.type === 'string' && option.isRequired ? text : `[${text}]`
  })
  return [
    `Usage: ${['outcry', name, ...command.words, ...parts].join(' ')}`,
    '',
    ...command.description,
    ...(parts.length > 0 ? ['', ...columns(optionRows(command.options))] : []),
  ]
}
