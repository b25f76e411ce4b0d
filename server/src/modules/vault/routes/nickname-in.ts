import { vaultLimits } from '@outcry/contract/vault'
import { validationFailed } from '../../../platform/http/http-errors.ts'
import { nicknameOf } from '../credentials/nickname.ts'

/** A nickname as it was sent; throws the 422 of one that is too long for its column once it is composed and trimmed. */
export function nicknameIn(nickname: string | null | undefined): string | null | undefined {
  if ([...nicknameOf(nickname, '')].length <= vaultLimits.nickname) return nickname
  const message = `must be at most ${vaultLimits.nickname} characters`
  throw validationFailed([{ path: 'body.nickname', message }])
}
