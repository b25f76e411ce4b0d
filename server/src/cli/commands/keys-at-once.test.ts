import { describe, expect, it } from 'vitest'
import { loadConfig } from '../../config/config.ts'
import type { Dialect } from '../../platform/db/index.ts'
import { lockFile } from '../../platform/db/sqlite/file-lock.ts'
import { auditEntriesOf } from '../../testing/audit-entries.ts'
import { inspectSealed } from '../../testing/crash/key-uses.ts'
import { startRotation } from '../../testing/crash/running-rotation.ts'
import type { CommandInstance, Ran } from '../../testing/run-command.ts'
import { sealedInstance } from '../../testing/sealed-instance.ts'

const PLAIN: readonly string[] = []
const RESEAL: readonly string[] = ['--reseal']
const REFUSED: Ran = { code: 1, out: '', err: 'Another rotation is running; wait until it has ended.\n' }

const rotate = (instance: CommandInstance, options: readonly string[]) =>
  instance.spawn(['keys', 'rotate', ...options])

/** One that ended as if it had been alone: it speaks of what it moved, and of nothing that does not open. */
function expectDone({ code, err }: Ran): void {
  expect([code, err.replaceAll(/^moved .*\n/gm, '')]).toEqual([0, ''])
}

/** So many rotations were begun and ended, each with one key for either ring, and everything opens under the newest. */
async function expectRotations(instance: CommandInstance, count: number): Promise<void> {
  for (const { current, known, under, wrong } of Object.values(await inspectSealed(instance))) {
    expect([known.length, Object.keys(under), wrong]).toEqual([1 + count, [current], []])
  }
  for (const action of ['rotation.begun', 'rotation.ended']) {
    expect(await auditEntriesOf(instance, action)).toHaveLength(count)
  }
}

/** Of these some were done, each as if alone, and the others were refused in one sentence. */
async function expectDoneOrRefused(instance: CommandInstance, ran: readonly Ran[]): Promise<void> {
  const done = ran.filter(({ code }) => code === 0)
  for (const each of done) expectDone(each)
  expect(ran.filter(({ code }) => code !== 0)).toEqual(Array(ran.length - done.length).fill(REFUSED))
  await expectRotations(instance, done.length)
}

describe.each<Dialect>(['sqlite', 'postgres'])('rotations at once on %s', (dialect) => {
  it('refuse all but one, and what is refused changes nothing', async () => {
    const instance = await sealedInstance(dialect, 1)
    using _ = lockFile(`${loadConfig(instance.env).keysFile}.lock`)
    for (const options of [PLAIN, RESEAL]) expect(await rotate(instance, options)).toEqual(REFUSED)
    await expectRotations(instance, 0)
  })

  it.each([
    ['one that seals anew', PLAIN, RESEAL],
    ['one that only moves', RESEAL, PLAIN],
  ])('keep %s from one that runs', async (_what, running, further) => {
    const instance = await sealedInstance(dialect, 250)
    const first = startRotation(instance, running)
    await first.saysMore(3) // both rings have their key, and something was moved
    const second = await rotate(instance, further)
    const ended = await first.ended
    expectDone(ended)
    await expectDoneOrRefused(instance, [ended, second])
  })

  it('are one rotation or one after the other when they are started together', async () => {
    const instance = await sealedInstance(dialect, 250)
    const ran = await Promise.all([PLAIN, RESEAL, PLAIN].map((options) => rotate(instance, options)))
    expect(ran.map(({ code }) => code)).toContain(0)
    await expectDoneOrRefused(instance, ran)
  })
})
