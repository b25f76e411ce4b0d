import type { CredentialProvider, KeyPair } from '../adapter.ts'
import { classifyAlpacaAnswer } from './classify.ts'

const KEY_ID_HEADER = 'apca-api-key-id'
const SECRET_HEADER = 'apca-api-secret-key'

/** The types of the two environments. Keys belong to one of them only. */
const TYPES = {
  paper: { type: 'alpaca_paper' },
  live: { type: 'alpaca_live' },
} as const

/** Alpaca's two environments have the same API on two hosts. `origin` is the host of this one. */
export function alpacaProvider(environment: 'paper' | 'live', origin: string): CredentialProvider {
  return {
    ...TYPES[environment],
    environment,
    origin,
    counterpart: TYPES[environment === 'paper' ? 'live' : 'paper'].type,
    tokenHeader: KEY_ID_HEADER,
    authHeaders: ({ apiKey, secretKey }: KeyPair) => ({
      [KEY_ID_HEADER]: apiKey,
      [SECRET_HEADER]: secretKey,
    }),
    probe: { path: '/v2/account' },
    classify: classifyAlpacaAnswer,
  }
}
