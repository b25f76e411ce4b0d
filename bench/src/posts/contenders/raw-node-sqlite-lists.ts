import { type OpenContender, sqlitePath } from '../contender.ts'
import { openRaw } from './raw-node-sqlite.ts'

/** The same with `setReturnArrays(true)`, and single writes between BEGIN IMMEDIATE and COMMIT. */
export const open: OpenContender = async (location) =>
  openRaw(sqlitePath(location), { asLists: true, inTransaction: true })
