import { momentInWords } from '../notices.ts'
import type { Site } from '../registration/verification-mail.ts'

interface Addressed {
  readonly to: string
  readonly site: Site
}

interface WithToken extends Addressed {
  readonly username: string
  readonly token: string
}

/** The mail to a new address that lets its owner prove it. */
export function emailChangeMail({ to, username, token, site }: WithToken) {
  const link = new URL(`/email-change#token=${token}`, site.publicUrl).toString()
  return {
    to,
    subject: `Confirm your new address for ${site.name}`,
    paragraphs: [
      `Hello ${username},`,
      `somebody, hopefully you, asked to use this address for your account at ${site.name}. To use it, open this link within 10 minutes and confirm:`,
      { link },
      'If you work with the API, send this token to POST /api/v1/auth/email-change/confirm:',
      { code: token },
      'If it was not you, do nothing, and do not open the link: without this step nothing changes.',
    ],
  }
}

/** The mail to an address that somebody asked to have and that is not free; it says nothing of who asked. */
export function emailNotFreeMail({ to, site }: Addressed) {
  return {
    to,
    subject: `This address is in use at ${site.name}`,
    paragraphs: [
      'Hello,',
      `somebody asked to use this address for their account at ${site.name}. It is the address of another account there, or was until lately, so nothing was changed.`,
      'If it was you, sign in to the account that has this address, or choose another address. If it was not, there is nothing to do.',
    ],
  }
}

/** The mail to the address that a member had until now, which lets its owner have it back (C23). */
export function emailUndoMail({ to, username, token, site, at }: WithToken & { readonly at: Date }) {
  const link = new URL(`/email-change/undo#token=${token}`, site.publicUrl).toString()
  return {
    to,
    subject: `The address of your account at ${site.name} was changed`,
    paragraphs: [
      `Hello ${username},`,
      `on ${momentInWords(at)} your account at ${site.name} got another address, so its mails do not come here any more.`,
      'If it was you, there is nothing to do. If it was not, open this link within 72 hours: it puts this address back, ends every session and token, and has you set a new password.',
      { link },
      'If you work with the API, send this token to POST /api/v1/auth/email-change/undo:',
      { code: token },
    ],
  }
}
