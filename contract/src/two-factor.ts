import { Type } from 'typebox'
import { opaqueToken, password, sessionHeaders, token } from './accounts.ts'
import { success } from './conventions.ts'
import { defineContract } from './endpoint.ts'

// Note: any string, so that a wrong code is a wrong code and not a malformed request; the server takes six digits only.
const code = Type.String({ minLength: 1, maxLength: 64 })

const backupCodes = Type.Array(Type.String(), {
  description: 'Ten codes, each good once. They are shown this once.',
})

/** Sign-in with a code from an authenticator app, and the codes that stand in for it. */
export const twoFactorContract = defineContract({
  twoFactorLogin: {
    method: 'POST',
    path: '/auth/2fa/login',
    summary: 'Finish signing in with a code of your app or a backup code',
    headers: sessionHeaders,
    body: Type.Object({ token: opaqueToken, two_fa_token: code }),
    responses: { 200: token },
    errors: ['accounts.second_factor_incorrect'],
  },
  setUpTwoFactor: {
    method: 'POST',
    path: '/auth/2fa/setup',
    summary: 'Begin to use an authenticator app',
    responses: {
      200: Type.Object(
        {
          secret: Type.String({ description: 'Base32.' }),
          qr_code_url: Type.String({ description: 'The otpauth URI that apps read.' }),
          qr_code_svg: Type.String({ description: 'The same as a picture.' }),
          backup_codes: backupCodes,
        },
        { title: 'TwoFactorSetup' },
      ),
    },
    errors: ['accounts.two_factor_on', 'accounts.refresh_invalid'],
  },
  verifyTwoFactor: {
    method: 'POST',
    path: '/auth/2fa/verify',
    summary: 'Prove that the app works; from now on signing in asks for a code',
    body: Type.Object({ code }),
    responses: { 200: success },
    errors: ['accounts.two_factor_on', 'accounts.two_factor_not_begun', 'accounts.code_incorrect'],
  },
  disableTwoFactor: {
    method: 'POST',
    path: '/auth/2fa/disable',
    summary: 'Stop asking for a code',
    body: Type.Object({ password, code: Type.Optional(code) }),
    responses: { 200: success },
    errors: ['accounts.two_factor_off', 'accounts.proof_incorrect', 'accounts.busy'],
  },
  renewBackupCodes: {
    method: 'POST',
    path: '/auth/2fa/backup-codes',
    summary: 'Get ten new backup codes; the old ones are dead',
    responses: { 200: Type.Object({ backup_codes: backupCodes }, { title: 'BackupCodes' }) },
    errors: ['accounts.two_factor_off', 'accounts.refresh_invalid'],
  },
})
