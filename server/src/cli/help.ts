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
  return Object.entries(options).map(([name, option]) =>
    option.type === 'string'
      ? [`--${name} ${option.value}`, `${option.summary}${option.isRequired ? ' (required)' : ''}`]
      : [`--${name}`, option.summary],
  )
}

/** What `outcry COMMAND --help` prints. */
export function commandHelp(name: string, command: Command): string[] {
  const parts = Object.entries(command.options).map(([option, { type, ...rest }]) => {
    const text = type === 'string' && 'value' in rest ? `--${option} ${rest.value}` : `--${option}`
    return 'isRequired' in rest && rest.isRequired ? text : `[${text}]`
  })
  return [
    `Usage: ${['outcry', name, ...command.words, ...parts].join(' ')}`,
    '',
    ...command.description,
    ...(parts.length > 0 ? ['', ...columns(optionRows(command.options))] : []),
  ]
}
