import { deepStrictEqual } from 'node:assert/strict'
import type { DatabaseLocation } from '../../../server/src/platform/db/index.ts'
import type { Contender, OpenContender } from './contender.ts'
import { PAGE, type PostRow } from './post.table.ts'
import { AUTHORS, authorOf, idOf, POSTS, patchOf, postOf, scramble } from './post-factory.ts'

/** What the benchmark asks of this process, one thing at a time; each is answered once. */
export type Ask =
  | {
      readonly kind: 'open'
      readonly module: string
      readonly location: DatabaseLocation
      readonly isSync: boolean
    }
  | { readonly kind: 'check' }
  | { readonly kind: 'measure'; readonly task: Task; readonly ms: number; readonly inFlight: number }
  | { readonly kind: 'close' }

export type Told = { readonly perSecond: number } | { readonly done: true } | { readonly error: string }

export const TASKS = ['point', 'page', 'insert', 'insertAll', 'update'] as const
export type Task = (typeof TASKS)[number]

const BATCH = 100
let contender: Contender | undefined
let isSync = false
let step = 0
let fresh = POSTS

function postsFrom(count: number): PostRow[] {
  return Array.from({ length: count }, () => postOf(fresh++))
}

/** Starts the next operation of a task; the same sequence in every process. */
function operation(on: Contender, task: Task): () => unknown {
  switch (task) {
    case 'point':
      return () => on.point(idOf(scramble(step++) % POSTS))
    case 'page':
      return () => on.page(authorOf(scramble(step++) % AUTHORS))
    case 'insert':
      return () => on.insert(postOf(fresh++))
    case 'insertAll':
      return () => on.insertAll(postsFrom(BATCH))
    case 'update':
      return () => on.update(idOf(scramble(step) % POSTS), patchOf(step++))
  }
}

function runSync(next: () => unknown, ms: number): number {
  const from = performance.now()
  let count = 0
  let elapsed = 0
  for (; elapsed < ms; elapsed = performance.now() - from) {
    next()
    count++
  }
  return (count * 1000) / elapsed
}

async function runAsync(next: () => unknown, ms: number, inFlight: number): Promise<number> {
  const from = performance.now()
  let count = 0
  const lane = async () => {
    while (performance.now() - from < ms) {
      await next()
      count++
    }
  }
  await Promise.all(Array.from({ length: inFlight }, lane))
  return (count * 1000) / (performance.now() - from)
}

const plain = (row: PostRow | undefined) => row && { ...row }

/** The rows must come out equal to what was put in, before anything is timed. */
async function check(on: Contender): Promise<void> {
  for (const n of [0, 1, 5, 7, POSTS - 1]) deepStrictEqual(plain(await on.point(idOf(n))), postOf(n))
  const ofAuthor = Array.from({ length: PAGE }, (_, i) => postOf(POSTS - AUTHORS + 3 - i * AUTHORS))
  deepStrictEqual((await on.page(authorOf(3))).map(plain), ofAuthor)
  const [one, ...more] = postsFrom(1 + BATCH)
  if (one === undefined) return
  await on.insert(one)
  await on.insertAll(more)
  for (const row of [one, ...more]) deepStrictEqual(plain(await on.point(row.id)), row)
  await on.update(one.id, patchOf(7))
  deepStrictEqual(plain(await on.point(one.id)), { ...one, ...patchOf(7) })
}

async function answer(ask: Ask): Promise<Told> {
  if (ask.kind === 'open') {
    const { open }: { open: OpenContender } = await import(`./contenders/${ask.module}.ts`)
    contender = await open(ask.location)
    isSync = ask.isSync
    return { done: true }
  }
  if (!contender) throw new Error('Nothing is open.')
  if (ask.kind === 'check') await check(contender)
  if (ask.kind === 'close') await contender.close()
  if (ask.kind !== 'measure') return { done: true }
  const next = operation(contender, ask.task)
  return { perSecond: isSync ? runSync(next, ask.ms) : await runAsync(next, ask.ms, ask.inFlight) }
}

process.on('message', (ask: Ask) => {
  answer(ask).then(
    (told) => process.connected && process.send?.(told),
    (error: unknown) =>
      process.send?.({ error: error instanceof Error ? String(error.stack) : String(error) }),
  )
})
