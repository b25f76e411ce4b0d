export interface VerificationMail {
  readonly to: string
  readonly username: string
  readonly token: string
  readonly site: Site
}

/** The name members know the site by, and where it is. */
export interface Site {
  readonly name: string
  readonly publicUrl: URL
}

/** The mail that asks a new member to prove their address. */
export function verificationMail({ to, username, token, site }: VerificationMail) {
  const link = new URL(`/verify#token=${token}`, site.publicUrl).toString()
  return {
    to,
    subject: `Verify your address for ${site.name}`,
    paragraphs: [
      `Hello ${username},`,
      `somebody, hopefully you, made an account at ${site.name} with this address. To use it, open this link within 24 hours and confirm:`,
      { link },
      `If you work with the API, send this token to POST /api/v1/auth/verify-email:`,
      { code: token },
      `If it was not you, do nothing: without this step the account stays closed.`,
    ],
  }
}
