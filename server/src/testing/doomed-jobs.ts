import { Type } from 'typebox'
import { defineJob } from '../platform/jobs/job-kind.ts'
import type { TestApp } from './start-test-app.ts'

const doomed = defineJob('test.doomed', {
  payload: Type.Object({ about: Type.String() }),
  retry: { maxAttempts: 1 },
})

/** Work that fails for good until it is mended. */
export interface DoomedJobs {
  /** Adds one and has it given up; gives its id. */
  giveUp(options?: { readonly about?: string; readonly key?: string }): Promise<string>
  /** Adds one and leaves it waiting. */
  add(options?: { readonly about?: string; readonly key?: string }): Promise<string>
  /** What every attempt fails with from now on; without it, they work. */
  failWith(error: unknown): void
  /** What was done, in order. */
  readonly done: readonly string[]
}

/** Teaches one application a kind of work that fails; once for each application. */
export function doomedJobs({ app, settle }: TestApp): DoomedJobs {
  const { db, jobs } = app.platform
  const done: string[] = []
  let failure: unknown = new Error('no luck')
  jobs.handle(doomed, async ({ payload }) => {
    if (failure !== undefined) throw failure
    done.push(payload.about)
  })
  const add: DoomedJobs['add'] = async ({ about = 'anything', key } = {}) => {
    const request = { kind: doomed, payload: { about }, ...(key === undefined ? {} : { key }) }
    const id = await db.withSystem((tx) => jobs.enqueue(tx, request))
    if (id === undefined) throw new Error('There is such work already.')
    return id
  }
  return {
    done,
    add,
    failWith(error) {
      failure = error
    },
    async giveUp(options) {
      const id = await add(options)
      await settle()
      return id
    },
  }
}
