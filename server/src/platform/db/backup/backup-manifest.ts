import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Static, Type } from 'typebox'
import { Compile } from 'typebox/compile'
import { parseJson } from '../../parse-json.ts'
import { CopyError } from '../copy/copy-error.ts'

/** The file in a backup that holds its manifest. */
export const MANIFEST_FILE = 'manifest.json'
const FORMAT = 'portable-backup'
const VERSION = 1

const digest = Type.String({ pattern: '^[0-9a-f]{64}$' })
const count = Type.Integer({ minimum: 0 })

const manifestSchema = Type.Object({
  format: Type.Literal(FORMAT),
  version: Type.Literal(VERSION),
  created_at: Type.String(),
  /** The engine it was taken from; it can be restored to either. */
  engine: Type.Union([Type.Literal('sqlite'), Type.Literal('postgres')]),
  migrations: Type.Array(Type.Object({ id: Type.String(), checksum: digest })),
  tables: Type.Array(
    Type.Object({
      name: Type.String({ pattern: '^[a-z0-9_]+$' }),
      columns: Type.Array(Type.String()),
      rows: count,
      /** Of the rows in their portable form, in any order. */
      checksum: digest,
      file: Type.String({ pattern: '^[a-z0-9_]+[.]jsonl[.]gz$' }),
      bytes: count,
      sha256: digest,
    }),
  ),
  /** Sealed values by the id of the key that opens them. The keys themselves are never in a backup. */
  sealed_with: Type.Record(Type.String(), count),
})

/** What a backup says about itself; written last, so a folder without one is not a backup. */
export type BackupManifest = Static<typeof manifestSchema>
/** One table of a backup. */
export type BackupTable = BackupManifest['tables'][number]

/** The fields that are the same in every backup of this version. */
export const manifestHead = { format: FORMAT, version: VERSION } as const

/** Reads a backup's manifest; throws `CopyError` that says what is wrong with it. */
export async function readManifest(folder: string): Promise<BackupManifest> {
  const path = join(folder, MANIFEST_FILE)
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new CopyError(`There is no finished backup in ${folder}: ${MANIFEST_FILE} cannot be read.`, {
      cause,
    })
  })
  const document = parseJson(text)
  if (!Compile(manifestSchema).Check(document)) {
    throw new CopyError(`${path} is damaged or was written by another version; nothing was restored.`)
  }
  return document
}
