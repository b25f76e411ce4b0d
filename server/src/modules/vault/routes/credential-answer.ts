import { type WithHeaders, withHeaders } from '../../../platform/http/route.ts'
import type { CredentialRow } from '../credential.table.ts'
import { viewCredential } from '../credentials/credential.view.ts'

/** One credential with the `ETag` that `If-Match` takes. */
export function credentialAnswer(row: CredentialRow): WithHeaders<ReturnType<typeof viewCredential>> {
  return withHeaders(viewCredential(row), { etag: `"${row.version}"` })
}
