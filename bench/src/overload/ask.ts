import { quantile } from '../harness/stats.ts'
import { AskingConnection } from './asking-connection.ts'
import type { Kind, KindFigures, LoadFigures, Order, Told } from './load.ts'

const SETTLE_MS = 2_000 // what is under way when the time is over may still be answered
const TICK_MS = 1

interface Prepared {
  readonly name: string
  readonly requests: readonly Buffer[]
  next: number
}

interface Count {
  sent: number
  readonly servedMs: number[]
  readonly shedMs: number[]
}

/** The kinds in the order in which they are sent, again and again: evenly spread by their shares. */
function orderOf(kinds: readonly Kind[]): number[] {
  const owed = kinds.map(() => 0)
  const whole = kinds.reduce((sum, { share }) => sum + share, 0)
  return Array.from({ length: whole }, () => {
    for (const [at, { share }] of kinds.entries()) owed[at] = (owed[at] ?? 0) + share
    const most = owed.indexOf(Math.max(...owed))
    owed[most] = (owed[most] ?? 0) - whole
    return most
  })
}

let kinds: Prepared[] = []
let order: number[] = []

class Load {
  readonly statuses: Record<string, number> = {}
  readonly counts: Count[] = kinds.map(() => ({ sent: 0, servedMs: [], shedMs: [] }))
  readonly free: AskingConnection[] = []
  #sent = 0
  underWay = 0

  sendOver(connection: AskingConnection): void {
    const kind = order[this.#sent++ % order.length] ?? 0
    const prepared = kinds[kind]
    const count = this.counts[kind]
    if (prepared === undefined || count === undefined) throw new Error('Nothing was prepared.')
    count.sent++
    this.underWay++
    const request = prepared.requests[prepared.next++ % prepared.requests.length] ?? Buffer.alloc(0)
    connection.send(request, kind)
  }

  note(kind: number, status: number, ms: number): void {
    this.underWay--
    this.statuses[status] = (this.statuses[status] ?? 0) + 1
    const count = this.counts[kind]
    if (status === 200) count?.servedMs.push(ms)
    if (status === 429 || status === 503) count?.shedMs.push(ms)
  }

  figures(due: number, ms: number): LoadFigures {
    const rate = (count: number) => (count * 1_000) / ms
    const shed = this.counts.flatMap(({ shedMs }) => shedMs)
    const each = this.counts.map(
      ({ sent, servedMs, shedMs }, at): KindFigures => ({
        name: kinds[at]?.name ?? '',
        sent,
        servedPerSecond: rate(servedMs.length),
        servedP99: quantile(servedMs, 0.99),
        shedPerSecond: rate(shedMs.length),
        shedP50: quantile(shedMs, 0.5),
        shedP99: quantile(shedMs, 0.99),
      }),
    )
    return {
      kinds: each,
      duePerSecond: rate(due),
      sentPerSecond: rate(this.#sent),
      statuses: this.statuses,
      servedPerSecond: each.reduce((sum, { servedPerSecond }) => sum + servedPerSecond, 0),
      shedPerSecond: rate(shed.length),
      shedP50: quantile(shed, 0.5),
      shedP99: quantile(shed, 0.99),
    }
  }
}

async function run(url: URL, how: Exclude<Order, { do: 'prepare' }>): Promise<LoadFigures> {
  const load = new Load()
  const fromMs = performance.now()
  const over = Promise.withResolvers<void>()
  let [due, isOver] = [0, false]
  const sendDue = () => {
    if (how.do === 'closed') return
    const now = Math.floor(((performance.now() - fromMs) * how.perSecond) / 1_000)
    for (; due < now; due++) {
      const connection = load.free.pop()
      if (connection === undefined)
        due = now - 1 // whatever finds no connection free is not sent
      else load.sendOver(connection)
    }
  }
  const connections = Array.from({ length: how.lanes }, () => {
    return new AskingConnection(url, (connection, status, ms) => {
      load.note(connection.kind, status, ms)
      if (isOver) return load.underWay === 0 ? over.resolve() : undefined
      if (how.do === 'closed') return load.sendOver(connection)
      load.free.push(connection)
      return sendDue()
    })
  })
  if (how.do === 'closed') for (const connection of connections) load.sendOver(connection)
  else load.free.push(...connections)
  const ticking = setInterval(sendDue, TICK_MS)
  await new Promise((resolve) => setTimeout(resolve, how.ms))
  isOver = true
  clearInterval(ticking)
  const figures = load.figures(due, performance.now() - fromMs)
  const giveUp = setTimeout(() => over.resolve(), SETTLE_MS)
  if (load.underWay > 0) await over.promise
  clearTimeout(giveUp)
  for (const connection of connections) connection.close()
  return figures
}

const { url }: { url: string } = JSON.parse(process.argv[2] ?? '')
const tell = (told: Told) => process.send?.(told)

process.on('message', (asked: Order) => {
  if (asked.do === 'prepare') {
    const bytes = ({ name, requests }: Kind) => ({
      name,
      requests: requests.map((each) => Buffer.from(each, 'latin1')),
      next: 0,
    })
    kinds = asked.kinds.map(bytes)
    order = orderOf(asked.kinds)
    tell({ ready: true })
    return
  }
  run(new URL(url), asked).then(tell, (error: unknown) => tell({ error: String(error) }))
})
process.on('disconnect', () => process.exit(0))
tell({ ready: true })
