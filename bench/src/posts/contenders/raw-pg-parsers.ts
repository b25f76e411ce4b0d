import pg from 'pg'
import { type OpenContender, postgresSettings } from '../contender.ts'
import { openRaw } from './raw-pg.ts'

/** The same with the driver's own row objects and type parsers, and single writes in an explicit transaction, pipelined. */
export const open: OpenContender = async (location) =>
  openRaw(new pg.Pool({ ...postgresSettings(location), pipeline: true }), {
    byHand: false,
    inTransaction: true,
  })
