import { onTestFinished } from 'vitest'

/** One event as it came. */
export interface ReceivedEvent {
  readonly id: string
  readonly name: string
  readonly data: unknown
}

/** A stream of events that a test reads. */
export interface EventReader {
  readonly response: Response
  /** Every event so far. */
  readonly events: readonly ReceivedEvent[]
  /** Everything that came so far, comments and fields of their own included. */
  readonly text: () => string
  readonly names: () => readonly string[]
  /** Resolves when the server has ended or cut the stream. */
  readonly ended: Promise<void>
  close(): void
}

function fieldOf(block: string, field: string): string | undefined {
  const line = block.split('\n').find((each) => each.startsWith(`${field}: `))
  return line?.slice(field.length + 2)
}

function eventsIn(text: string): ReceivedEvent[] {
  return text
    .split('\n\n')
    .slice(0, -1)
    .flatMap((block) => {
      const [name, data] = [fieldOf(block, 'event'), fieldOf(block, 'data')]
      if (name === undefined || data === undefined) return []
      const parsed: unknown = JSON.parse(data)
      return [{ id: fieldOf(block, 'id') ?? '', name, data: parsed }]
    })
}

/** Opens a stream and reads it until it ends, is closed, or the test is over. Anything but 200 is an error. */
export async function openEvents(
  url: string,
  { token, headers }: { readonly token?: string; readonly headers?: Readonly<Record<string, string>> } = {},
): Promise<EventReader> {
  const closing = new AbortController()
  onTestFinished(() => closing.abort())
  const response = await fetch(url, {
    headers: { ...(token === undefined ? {} : { authorization: `Bearer ${token}` }), ...headers },
    signal: closing.signal,
  })
  if (response.status !== 200) throw new Error(`The stream answered ${response.status}.`)
  let text = ''
  const read = async () => {
    const decoder = new TextDecoder()
    for await (const chunk of response.body ?? []) text += decoder.decode(chunk, { stream: true })
  }
  return {
    response,
    get events() {
      return eventsIn(text)
    },
    text: () => text,
    names: () => eventsIn(text).map(({ name }) => name),
    ended: read().catch(() => undefined),
    close: () => closing.abort(),
  }
}
