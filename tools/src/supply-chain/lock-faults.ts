/** What is read of a package.json. */
export interface Manifest {
  readonly dependencies?: Wanted
  readonly devDependencies?: Wanted
  readonly optionalDependencies?: Wanted
  readonly overrides?: Wanted
  readonly scripts?: Wanted
}

type Wanted = Readonly<Record<string, string>>

/** One package of a package-lock.json: a workspace by its folder, anything else by where it is installed. */
export interface Locked extends Manifest {
  readonly version?: string
  /** Where it comes from, when the lock file says so. */
  readonly resolved?: string
  readonly integrity?: string
  /** A folder of ours. */
  readonly link?: boolean
  readonly dev?: boolean
  readonly optional?: boolean
  readonly hasInstallScript?: boolean
}

/** What is read of a package-lock.json. */
export interface LockFile {
  readonly lockfileVersion: number
  readonly packages: Readonly<Record<string, Locked>>
}

const FIELDS = ['dependencies', 'devDependencies', 'optionalDependencies'] as const
const EXACT = /^\d+\.\d+\.\d+(-[\w.]+)?$/
/** 64 bytes as base64. */
const SHA512 = /^sha512-[A-Za-z0-9+/]{86}==$/
const OURS = '@outcry/'

/**
 * How a lock file and the manifests of its workspaces, by their folders, are not in step, or name a package by anything but
 * an exact version and the hash of its bytes: one sentence each. The root's folder is the empty text.
 */
export function lockFaults(lock: LockFile, manifests: ReadonlyMap<string, Manifest>): string[] {
  const entries = Object.entries(lock.packages)
  const folders = entries.map(([place]) => place).filter((place) => !place.includes('node_modules/'))
  return [
    ...(lock.lockfileVersion === 3 ? [] : ['The lock file has another format than 3.']),
    ...folders
      .filter((folder) => !manifests.has(folder))
      .map((folder) => `${folder} is locked, but is no workspace.`),
    ...[...manifests].flatMap(([folder, manifest]) => workspaceFaults(lock, folder, manifest)),
    ...entries
      .filter(([place]) => place.includes('node_modules/'))
      .flatMap(([place, locked]) => originFaults(place, locked, manifests)),
  ]
}

/** The direct dependencies of a manifest in these fields: name and version. */
export function wantedBy(manifest: Manifest, fields: readonly (typeof FIELDS)[number][]): [string, string][] {
  return fields.flatMap((field) => Object.entries(manifest[field] ?? {}))
}

function workspaceFaults(lock: LockFile, folder: string, manifest: Manifest): string[] {
  const name = folder || 'the root'
  const locked = lock.packages[folder]
  if (locked === undefined) return [`${name} is not in the lock file.`]
  const outOfStep = FIELDS.filter((field) => textOf(manifest[field]) !== textOf(locked[field]))
  return [
    ...outOfStep.map((field) => `The ${field} of ${name} are others in the lock file.`),
    ...[...wantedBy(manifest, FIELDS), ...Object.entries(manifest.overrides ?? {})].flatMap((wanted) =>
      wantedFaults(lock, folder, wanted),
    ),
  ]
}

const textOf = (wanted: Wanted = {}): string => JSON.stringify(Object.entries(wanted).toSorted())

function wantedFaults({ packages }: LockFile, folder: string, [name, range]: [string, string]): string[] {
  const locked = packages[`${folder}/node_modules/${name}`] ?? packages[`node_modules/${name}`]
  if (locked === undefined) return [`${name} is not in the lock file.`]
  if (name.startsWith(OURS)) return locked.link ? [] : [`${name} is not the folder of ours.`]
  if (!EXACT.test(range)) return [`${name} is wanted as ${range}, which is no exact version.`]
  return locked.version === range ? [] : [`${name} ${range} is locked as ${locked.version}.`]
}

function originFaults(place: string, locked: Locked, manifests: ReadonlyMap<string, Manifest>): string[] {
  const { version = '', resolved, integrity = '', link } = locked
  if (link) return manifests.has(resolved ?? '') ? [] : [`${place} is a folder that is no workspace.`]
  return [
    ...(EXACT.test(version) ? [] : [`${place} has no exact version.`]),
    ...(SHA512.test(integrity) ? [] : [`${place} has no SHA-512 of its bytes.`]),
    ...(resolved === undefined ? [] : [`${place} comes from an address, not from the registry by its name.`]),
  ]
}
