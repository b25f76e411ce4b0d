import { escapeHtml } from '../escape-html.ts'
import type { MailContent, MailParagraph } from './mail-content.ts'

/** Control characters, line breaks included, and marks that reorder or hide text. */
const UNSEEN = /[\p{Cc}\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2064\u2066-\u2069\ufeff]+/gu

/** One line of what a person can see. */
const oneLine = (text: string): string => text.replaceAll(UNSEEN, ' ').trim()

const lines = (text: string): string[] => text.split(/\r\n|\r|\n/).map(oneLine)

function textOf(paragraph: MailParagraph): string {
  if (typeof paragraph === 'string') return lines(paragraph).join('\n')
  if ('code' in paragraph) return `    ${oneLine(paragraph.code)}`
  const href = new URL(paragraph.link).href
  return paragraph.label === undefined ? href : `${oneLine(paragraph.label)}:\n${href}`
}

function htmlOf(paragraph: MailParagraph): string {
  if (typeof paragraph === 'string') return `<p>${lines(paragraph).map(escapeHtml).join('<br>')}</p>`
  if ('code' in paragraph) {
    return `<p><code style="font-size:1.2em">${escapeHtml(oneLine(paragraph.code))}</code></p>`
  }
  const href = new URL(paragraph.link).href
  const label = escapeHtml(oneLine(paragraph.label ?? href))
  return `<p><a href="${escapeHtml(href)}">${label}</a></p>`
}

/** The parts of a mail. Whatever its texts hold, they are text in both. */
export interface RenderedMail {
  /** One line, so that it cannot start another header. */
  readonly subject: string
  readonly text: string
  readonly html: string
}

/** Turns a content into its plain-text and HTML parts. */
export function renderMail({ subject, paragraphs }: MailContent): RenderedMail {
  const title = oneLine(subject)
  const body = paragraphs.map(htmlOf).join('\n')
  return {
    subject: title,
    text: `${paragraphs.map(textOf).join('\n\n')}\n`,
    html: `<!doctype html>
<html>
<head><meta charset="utf-8"><title>${escapeHtml(title)}</title></head>
<body style="font-family:sans-serif;font-size:16px;line-height:1.5;max-width:36em;margin:0 auto;padding:1em">
${body}
</body>
</html>
`,
  }
}
