import type { Site } from '../registration/verification-mail.ts'

export interface PasswordResetMail {
  readonly to: string
  readonly username: string
  readonly token: string
  readonly site: Site
}

/** The mail that lets a member set a new password. */
export function passwordResetMail({ to, username, token, site }: PasswordResetMail) {
  const link = new URL(`/reset#token=${token}`, site.publicUrl).toString()
  return {
    to,
    subject: `Set a new password for ${site.name}`,
    paragraphs: [
      `Hello ${username},`,
      `somebody, hopefully you, asked for a new password at ${site.name}. To set one, open this link within 10 minutes:`,
      { link },
      'If you work with the API, send this token and the new password to POST /api/v1/auth/password-reset/confirm:',
      { code: token },
      'If it was not you, do nothing: without this step your password stays as it is.',
    ],
  }
}
