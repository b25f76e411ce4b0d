/** A request that is still being spoiled. Texts are sent byte by byte: non-ASCII ones must be given as latin1. */
export interface RequestDraft {
  readonly method: string
  readonly path: string
  /** Without the question mark. */
  readonly query: string
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: Buffer | undefined
  /** How the body travels; `as-is` when it is framed already or its headers are meant to lie. */
  readonly framing: 'length' | 'chunked' | 'as-is'
  /** The request is never completed, so that hanging up is an answer too. */
  readonly isUnfinished: boolean
}

/** One way to spoil a request. */
export interface Mutation {
  readonly label: string
  apply(draft: RequestDraft): RequestDraft
}

/** The draft with a header in the place of all of that name. */
export function withHeader(draft: RequestDraft, name: string, value: string): RequestDraft {
  const others = draft.headers.filter(([each]) => each.toLowerCase() !== name.toLowerCase())
  return { ...draft, headers: [...others, [name, value]] }
}

/** The draft without a header. */
export function withoutHeader(draft: RequestDraft, name: string): RequestDraft {
  return { ...draft, headers: draft.headers.filter(([each]) => each.toLowerCase() !== name.toLowerCase()) }
}

/** The bytes that travel. */
export function bytesOf(draft: RequestDraft): Buffer {
  const target = draft.query === '' ? draft.path : `${draft.path}?${draft.query}`
  const framed = frame(draft)
  const lines = [...draft.headers, ...framed.headers, ['Connection', 'close'] as const]
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  return Buffer.concat([
    Buffer.from(`${draft.method} ${target} HTTP/1.1\r\n${head}\r\n`, 'latin1'),
    framed.body,
  ])
}

function frame({ body, framing }: RequestDraft): { headers: [string, string][]; body: Buffer } {
  if (body === undefined) return { headers: [], body: Buffer.alloc(0) }
  if (framing === 'as-is') return { headers: [], body }
  if (framing === 'length') return { headers: [['Content-Length', `${body.length}`]], body }
  const parts: Buffer[] = []
  for (let at = 0; at < body.length; at += 7) {
    const part = body.subarray(at, at + 7)
    parts.push(Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from('\r\n'))
  }
  return {
    headers: [['Transfer-Encoding', 'chunked']],
    body: Buffer.concat([...parts, Buffer.from('0\r\n\r\n')]),
  }
}

/** UTF-8 text as the bytes that a draft takes. */
export function asBytes(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1')
}
