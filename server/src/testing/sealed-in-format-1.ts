import type { KeyRing } from '../platform/crypto/key-ring.ts'
import { type KeyEntry, type KeyRingDocument, keyRingOf } from '../platform/crypto/key-ring-document.ts'
import type { SealBinding } from '../platform/crypto/sealed.ts'
import { type ServerKeyPurpose, serverKeyRing } from '../platform/crypto/server-key-ring.ts'

const entry = (id: string, key: string): KeyEntry[] => [
  { id, state: 'current', created_at: '2026-11-01T00:00:00.000Z', key },
]

/** The key ring of what is below, which the last version that sealed in format 1 made with it. */
export const formerRing: KeyRingDocument<ServerKeyPurpose> = {
  format: serverKeyRing.format,
  version: 1,
  keys: {
    key_encryption: entry('fraqzf6', 'YHghqANe1JvflB_h8nyFy2iiQhsKD_hdgvK7L3-WO_s'),
    token_signing: entry('axt3oyv', 'pD-y7YAhFwvIiF-391KOXgk69Uo7aGeKaSZ3qsxIZF0'),
    password_pepper: entry('qlawbbg', 'iQYL_rU1HiRBrCqA7fDLctJOtLAqFgFSA5DP6uZPpBM'),
    refresh_token: entry('s33z4ou', 'sIdLXG_NEUif6zUQ2E2hnBBDpWimaoq4bGSrXuzoWaw'),
    cursor: entry('7knlccz', 'HSX7uWj69hy_YT5npYUb_FaIBSjzZpP2wzY_a0r8WGk'),
    digest: entry('d5wmhhx', 'jVHA_tcHu0wSPyU-0LVa-fjRgWWytlA9g5N4yWL1e4w'),
  },
}

/** Its keys. */
export const formerKeys: KeyRing = keyRingOf(serverKeyRing, formerRing, 'keys.json')

/** The proof of that ring, as it was stored. */
export const formerCanary =
  'U0VBTAEBB2ZyYXF6ZjYP73RGiOwSfSMhKy1LcB//eOg9khwUJyBIVF6Wwe4fDUXkG98G/M1bYwI+NyOOFWlB0Ea8nRmdhLn+' +
  'ftQny3RtBi6yD00UPCQLVArtrY/Q5T85Y5Xgp1025JCz0ZFlamKw8oVpPVmP0wtChqkADnpdyli5wNH6hVBubAOD6wrXdiwZ' +
  'rlfSkqWpMrjEmfpLs71nidBEL1CElbijzRj0sLO/nF/4ym8XbcQxXxKw6j2mK6IPkZ66Qx0nR/f0zRMMQUAxywRwvDIcynE/' +
  'P6ACH+FDpGUxETMm0FrEyeiVNsl+VvSWvxou5AQrPDh38qqDhnK6pXFB419WHO+ZMmIhwV69FaExRdBjtoFjnK0oNIOmlk77' +
  '2LpIl7zx7vXhsljyMB73HNfMMaNvtYJP5mRnpbKZGSc0+9/3no2ZNoffKRQdwFuG48BHsFPmlNbH+ZYMVq4hSceq7qGWnyjS' +
  'NTqWZF/MfT91J6RKy8m0ljse9nFvF0pshRNnBUj9LovHsHbxBXjz4UcysdISNSKV6uisn/Zo95G9Ms0rEW8N6Jm7el/VNABJ' +
  'oXCNgDuosq82vfkPL8buaT9hoUf2Lk/IeNRZ0WKwyp0ap0Bh//6dBNnrvsdnzcPmrmqjt2cduMsxPD6BTsT4tykC'

/** A row of a table `safes` with two sealed columns. */
export const formerSafe = {
  id: '0197c000-0000-7000-8000-000000000001',
  user_id: '0197c000-0000-7000-8000-000000000002',
  environment: 'live',
  version: 3,
  secret: Buffer.from(
    'U0VBTAEBB2ZyYXF6ZjYaeC0evCaEvXm7JhWMf6bwkidtu6eq4c/wv0Q29Y7bsveNuj5CpC7u5TnX4VjqUZyJPDdRO8GEXYa9' +
      'h16hGUP7MNoKKi9tH8IsBtI4TO5ViSphDTsajMmY/HQaZgET5T2N4puU0V38wO1oYl2aiJjf/wJ8smkZtN4yg/frGLWd9nxZ' +
      'xBGa8g==',
    'base64',
  ),
  seed: Buffer.from(
    'U0VBTAEBB2ZyYXF6ZjYAKBQsFvP+TCAverjnjL6go8vHI4k5pknQHVef5MIduyA1xEtrFpNt+jv0Yw6FEGiw71e+8BpG0jse' +
      'bSMY9PrTQYUBFaJ7OlY6Aosbh0FPdsYGEyOKHb85foW5lmkTOntqBw8prMsRsxjLzJiwqp3jWsrscj2WvwuGS+KnzhYVliyG' +
      'pHE=',
    'base64',
  ),
}

/** Where its secret belongs. */
export const formerBinding: SealBinding = {
  table: 'safes',
  record: formerSafe.id,
  owner: formerSafe.user_id,
  field: 'secret',
  version: formerSafe.version,
  context: [formerSafe.environment],
}

/** What its secret opens to. */
export const formerSecret = `secret of ${formerSafe.id}`
