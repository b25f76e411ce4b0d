import { type Static, Type } from 'typebox'

/** A link that the reader opens by hand; `label` is what it says. */
const link = Type.Object({
  link: Type.String({ maxLength: 2_000 }),
  label: Type.Optional(Type.String({ maxLength: 200 })),
})

/** Something to be copied as it is, such as a code. */
const code = Type.Object({ code: Type.String({ maxLength: 500 }) })

/**
 * What a mail says, without any markup, so that nothing in it can become markup. Each paragraph is a text, a link or a
 * code; texts may hold line breaks.
 */
export const mailContent = Type.Object({
  to: Type.String({ maxLength: 320 }),
  subject: Type.String({ minLength: 1, maxLength: 200 }),
  paragraphs: Type.Array(Type.Union([Type.String({ maxLength: 5_000 }), link, code]), { maxItems: 50 }),
})

/** What a mail says. */
export type MailContent = Static<typeof mailContent>
/** One paragraph of a mail. */
export type MailParagraph = MailContent['paragraphs'][number]

/** A mail that cannot be sent as it is written: a programming error, or an address that was never checked. */
export class InvalidMailError extends Error {
  override readonly name = 'InvalidMailError'
}

// RFC 5322 section 3.2.3 dot-atom, with the letters of RFC 6532; quoted local parts and comments are not for sign-up.
const ATOM = String.raw`[\p{L}\p{M}\p{N}!#$%&'*+/=?^_\x60{|}~-]+`
const ADDRESS = new RegExp(
  String.raw`^${ATOM}(?:\.${ATOM})*@[\p{L}\p{M}\p{N}](?:[\p{L}\p{M}\p{N}.-]*[\p{L}\p{M}\p{N}])?$`,
  'u',
)

/** Throws `InvalidMailError` for a content that has a wrong address or links elsewhere than to the web. */
export function checkMail({ to, paragraphs }: MailContent): void {
  if (!ADDRESS.test(to)) throw new InvalidMailError('A mail needs one plain address.')
  for (const paragraph of paragraphs) {
    if (typeof paragraph === 'string' || !('link' in paragraph)) continue
    const url = URL.parse(paragraph.link)
    if (url?.protocol !== 'https:' && url?.protocol !== 'http:') {
      throw new InvalidMailError('A link in a mail must be an absolute web address.')
    }
  }
}
