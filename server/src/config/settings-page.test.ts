import { expect, it } from 'vitest'
import { describeSettings } from './settings.ts'

const cell = (text: string) => text.replaceAll('|', '\\|')

function settingsPage(): string {
  const rows = describeSettings().map(
    ({ name, default: initial, meaning, expects }) =>
      `| ${name} | ${cell(initial)} | ${cell(meaning)} | ${cell(expects)} |`,
  )
  return [
    '# Settings',
    '',
    'Every setting is an environment variable, or a line `NAME=VALUE` of the file that `OUTCRY_CONFIG` names; the environment',
    'wins. All of them are checked before anything starts, and a name that is not on this page is an error. The storage is',
    'checked as well, though nothing in this version uses it yet.',
    '',
    '| name | default | meaning | takes |',
    '|---|---|---|---|',
    ...rows,
    '',
  ].join('\n')
}

it('docs/settings.md says every setting as the program knows it', async () => {
  await expect(settingsPage()).toMatchFileSnapshot('../../../docs/settings.md')
})
