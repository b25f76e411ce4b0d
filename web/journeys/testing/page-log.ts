import type { BrowserContext, ConsoleMessage, Request, Response } from 'playwright-core'

/** What pages of one browser do that a person does not see. */
export interface PageLog {
  /**
   * Everything that should not be there, a line each: errors and warnings of scripts and of the Content Security Policy,
   * requests to other hosts, answers from 400 on as `401 POST /api/v1/auth/login/json`, and requests without an answer as
   * `failed GET /api/v1/auth/me (net::ERR_…)`. What was expected is left out, and said when it did not come.
   */
  faults(): string[]
  /** Names a line that is to come, once or more often. */
  expect(line: string | RegExp): void
  /** Names a line that may come or not: what is fetched at once comes in no order. */
  allow(line: string | RegExp): void
  /** Resolves once nothing is being fetched; a stream of events counts until the server has opened or refused it. */
  quiet(): Promise<void>
}

/** Begins to keep the log of every page of a context whose application is at `origin`. */
export function keepPageLog(context: BrowserContext, origin: string): PageLog {
  const lines: string[] = []
  const expected: (string | RegExp)[] = []
  const allowed: (string | RegExp)[] = []
  const pathOf = (url: string) => (url.startsWith(origin) ? url.slice(origin.length).split('#', 1)[0] : url)
  const note = (line: string) => void lines.push(line)
  context.on('console', (message) => isFault(message) && note(`${message.type()}: ${message.text()}`))
  context.on('weberror', (fault) => note(`thrown: ${fault.error().stack ?? fault.error().message}`))
  context.on('request', (request) => leavesFor(origin, request) && note(`left for ${request.url()}`))
  context.on('response', (response) => isRefusal(response) && note(lineOf(response)))
  context.on('requestfailed', (request) => {
    const reason = request.failure()?.errorText ?? ''
    if (reason !== 'net::ERR_ABORTED') note(`failed ${nameOf(request)} (${reason})`) // the page was left
  })
  const nameOf = (request: Request) => `${request.method()} ${pathOf(request.url())}`
  const lineOf = (response: Response) => `${response.status()} ${nameOf(response.request())}`
  return {
    faults: () => [
      ...lines.filter((line) => ![...expected, ...allowed].some((each) => matches(each, line))),
      ...expected
        .filter((each) => !lines.some((line) => matches(each, line)))
        .map((each) => `never came: ${each}`),
    ],
    expect: (line) => void expected.push(line),
    allow: (line) => void allowed.push(line),
    quiet: watchRequests(context),
  }
}

function matches(expected: string | RegExp, line: string): boolean {
  return typeof expected === 'string' ? expected === line : expected.test(line)
}

const NO_FAULTS = [
  /^Failed to load resource:/, // for answers and failures, which the log has anyway, with method and path
  /Permissions-Policy header: Unrecognized feature/, // our header also names devices that not every browser has
]

function isFault(message: ConsoleMessage): boolean {
  if (!['error', 'warning', 'assert'].includes(message.type())) return false
  return !NO_FAULTS.some((each) => each.test(message.text()))
}

function leavesFor(origin: string, request: Request): boolean {
  const { origin: to, protocol } = new URL(request.url())
  return !['data:', 'blob:', 'about:'].includes(protocol) && to !== origin
}

const isRefusal = (response: Response) => response.status() >= 400

const isStream = (response: Response) => response.request().resourceType() === 'eventsource'

function watchRequests(context: BrowserContext): () => Promise<void> {
  const pending = new Set<Request>()
  const waiting = new Set<() => void>()
  const end = (request: Request) => {
    pending.delete(request)
    if (pending.size > 0) return
    for (const resume of waiting) resume()
    waiting.clear()
  }
  context.on('request', (request) => pending.add(request))
  context.on('requestfinished', end)
  context.on('requestfailed', end)
  // Note: a page that does not read what a refusal says leaves it unfinished for as long as it likes.
  context.on('response', (response) => (isRefusal(response) || isStream(response)) && end(response.request()))
  return async () => {
    while (pending.size > 0) await new Promise<void>((resume) => waiting.add(resume))
  }
}
