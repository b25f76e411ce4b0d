import { globSync, readFileSync } from 'node:fs'

const PACKAGES = `${import.meta.dirname}/../../../node_modules`

/** The installed versions of packages, e.g. `pg 8.23.1`; what is not installed is left out. */
export function versionsOf(...names: readonly string[]): string {
  return names
    .flatMap((name) => globSync(`${PACKAGES}/${name}/package.json`))
    .map((file): { name: string; version: string } => JSON.parse(readFileSync(file, 'utf8')))
    .map(({ name, version }) => `${name} ${version}`)
    .join(', ')
}
