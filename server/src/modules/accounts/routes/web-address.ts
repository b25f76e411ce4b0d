import { validationFailed } from '../../../platform/http/http-errors.ts'
import { isWebAddress, NOT_A_WEB_ADDRESS } from '../users/web-address.ts'

/** Throws the 422 of the first of these fields that is no web address (C75). */
export function assertWebAddresses(fields: Readonly<Record<string, string | null | undefined>>): void {
  for (const [name, text] of Object.entries(fields)) {
    if (text === null || text === undefined || isWebAddress(text)) continue
    throw validationFailed([{ path: `body.${name}`, message: NOT_A_WEB_ADDRESS }])
  }
}
