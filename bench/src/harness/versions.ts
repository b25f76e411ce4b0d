import { globSync, readFileSync } from 'node:fs'

const ROOT = `${import.meta.dirname}/../../..`

/** The installed versions of packages, e.g. `pg 8.23.1`; what is not installed is left out. */
export function versionsOf(...names: readonly string[]): string {
  return names
    .flatMap((name) => globSync(`${ROOT}/{bench/,}node_modules/${name}/package.json`))
    .map((file): { name: string; version: string } => JSON.parse(readFileSync(file, 'utf8')))
    .map(({ name, version }) => `${name} ${version}`)
    .join(', ')
}
