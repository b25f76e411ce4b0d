import { verify } from '@node-rs/argon2'
import { answerMeasurements } from '../harness/measured-process.ts'

/** Hashes to verify and how many at once. */
export interface BareArgon2 {
  readonly stored: string
  readonly password: string
  readonly inFlight: number
}

const { stored, password, inFlight }: BareArgon2 = JSON.parse(process.argv[2] ?? '{}')

answerMeasurements(inFlight, () => verify(stored, password))
