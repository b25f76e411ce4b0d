import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import PostalMime from 'postal-mime'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { fixedClock } from '../../testing/fixed-clock.ts'
import { type DatabaseFixture, forEachDatabase } from '../../testing/for-each-database.ts'
import { memoryMail } from '../../testing/memory-mail.ts'
import { type SmtpSink, startSmtpSink } from '../../testing/smtp-sink.ts'
import { testKeys } from '../../testing/test-keys.ts'
import { createSealer } from '../crypto/sealed.ts'
import { createUuidv7 } from '../crypto/uuid.ts'
import { createSql } from '../db/index.ts'
import { HOUR } from '../durations.ts'
import { jobs as jobsTable } from '../jobs/job.table.ts'
import { createJobs } from '../jobs/jobs.ts'
import { createFolderMailer } from './folder-mailer.ts'
import { createMail } from './mail.ts'
import { InvalidMailError, type MailContent } from './mail-content.ts'
import type { Mailer } from './mailer.ts'
import { createSmtpMailer } from './smtp-mailer.ts'

const from = { name: 'Example', address: 'no-reply@example.org' }
const content: MailContent = {
  to: 'ada@example.test',
  subject: 'Verify your address',
  paragraphs: [
    'Hello <b>Ada</b> & "friends",\nopen this:',
    { link: 'https://example.org/verify?a=1&b="2"#token=canary-51ab', label: 'Verify <now>' },
    { code: '123456' },
  ],
}

const sealer = createSealer(testKeys())
const sql = createSql(jobsTable)
const allRows = sql.read(() => sql.from('jobs').selectAll())
const deleteAll = sql.write(() => sql.builder.deleteFrom('jobs'))

forEachDatabase('mail', { tables: [jobsTable] }, (on) => {
  const clock = fixedClock()
  const folder = mkdtempSync(join(tmpdir(), 'outcry-mail-'))
  let sink: SmtpSink
  beforeAll(async () => {
    sink = await startSmtpSink()
  })
  afterAll(async () => {
    await sink.close()
    rmSync(folder, { recursive: true })
  })
  afterEach(() => on.db.withSystem((tx) => deleteAll.run(tx, {})))

  const rows = (fixture: DatabaseFixture) => allRows.all(fixture.db.asSystem(), {})
  const setUp = (mailer: Mailer) => {
    const lines: unknown[] = []
    const write = (...line: unknown[]) => void lines.push(line)
    const log = { warn: write, error: write }
    const jobs = createJobs({ db: on.db, clock, sealer, log, newId: createUuidv7(clock), random: () => 0.5 })
    return { jobs, lines, mail: createMail({ jobs, mailer, from }) }
  }

  describe('by a mail server', () => {
    it('arrives with both parts, everything escaped, and leaves nothing in the database', async () => {
      const mailer = createSmtpMailer(sink.url)
      const { jobs, mail } = setUp(mailer)
      await on.db.transaction((tx) => mail.queue(tx, content))
      expect(JSON.stringify(await rows(on))).not.toContain('canary')
      await jobs.settle()
      expect(await rows(on)).toEqual([])
      const got = sink.received.at(-1)
      expect(got?.from).toBe(from.address)
      expect(got?.recipients).toEqual(['ada@example.test'])
      expect(got?.parsed.from).toEqual({ name: 'Example', address: from.address })
      expect(got?.parsed.subject).toBe('Verify your address')
      expect(got?.parsed.date).toBe(clock.now().toISOString())
      expect(got?.parsed.headers).toContainEqual(
        expect.objectContaining({ key: 'auto-submitted', value: 'auto-generated' }),
      )
      const href = 'https://example.org/verify?a=1&b=%222%22#token=canary-51ab'
      expect(got?.parsed.text?.replaceAll('\r\n', '\n').trim()).toBe(
        `Hello <b>Ada</b> & "friends",\nopen this:\n\nVerify <now>:\n${href}\n\n    123456`,
      )
      expect(got?.parsed.html).toContain(
        'Hello &lt;b&gt;Ada&lt;/b&gt; &amp; &quot;friends&quot;,<br>open this:',
      )
      expect(got?.parsed.html).toContain(`href="${href.replace('&', '&amp;')}">Verify &lt;now&gt;</a>`)
      mailer.close()
    })

    it('is tried again while the server is not there, and is the same mail then', async () => {
      const mailer = createSmtpMailer(sink.url)
      const { jobs, mail, lines } = setUp(mailer)
      const before = sink.received.length
      await on.db.transaction((tx) => mail.queue(tx, content))
      const [job] = await rows(on)
      sink.refuseNext(451, 421)
      await jobs.settle()
      clock.advance(HOUR)
      await jobs.settle()
      expect(sink.received).toHaveLength(before)
      expect(await rows(on)).toHaveLength(1)
      clock.advance(HOUR)
      await jobs.settle()
      expect(sink.received).toHaveLength(before + 1)
      expect(sink.received.at(-1)?.parsed.messageId).toBe(`<${job?.id}@example.org>`)
      expect(await rows(on)).toEqual([])
      expect(JSON.stringify(lines)).not.toMatch(/canary|ada@/)
      mailer.close()
    })

    it('is given up at once when the server never takes mail for the mailbox', async () => {
      const mailer = createSmtpMailer(sink.url)
      const { jobs, mail } = setUp(mailer)
      sink.refuseNext(550)
      await on.db.transaction((tx) => mail.queue(tx, content))
      await jobs.settle()
      expect(await jobs.listDead()).toMatchObject([{ kind: 'mail.send', last_error: 'PermanentJobError' }])
      mailer.close()
    })

    it('does not let a subject or an address start a header or add a recipient', async () => {
      const mailer = createSmtpMailer(sink.url)
      const { jobs, mail } = setUp(mailer)
      const subject = 'Hi\r\nBcc: eve@example.test\r\n\r\n\u202Ebody\u2028x'
      await on.db.transaction((tx) => mail.queue(tx, { ...content, subject }))
      await jobs.settle()
      const got = sink.received.at(-1)
      expect(got?.recipients).toEqual(['ada@example.test'])
      expect(got?.parsed.subject).toBe('Hi Bcc: eve@example.test body x')
      expect(got?.parsed.bcc).toBeUndefined()
      expect(got?.raw).not.toMatch(/^bcc:/im)
      const addresses = [
        'ada@example.test\r\nBcc: eve@example.test',
        'ada@example.test, eve@example.test',
        'ada@example.test> <eve@example.test',
        '"ada@x"@example.test',
        'ada example@example.test',
        'Ada <ada@example.test>',
        'ada@example.test\0',
        'ada',
        '@example.test',
        '',
      ]
      for (const to of addresses) {
        const queueing = on.db.transaction((tx) => mail.queue(tx, { ...content, to }))
        await expect(queueing, to).rejects.toThrow(InvalidMailError)
      }
      expect(await rows(on)).toEqual([])
      mailer.close()
    })
  })

  describe('while the provider is down', () => {
    it('keeps trying for 24 hours and not longer; whoever queued it notices nothing', async () => {
      const memory = memoryMail()
      memory.failWith(new Error('connection refused'))
      const { jobs, mail } = setUp(memory)
      await on.db.transaction((tx) => mail.queue(tx, content))
      const end = clock.now().getTime() + 24 * HOUR
      let attempts = await jobs.settle()
      while (clock.now().getTime() < end - 1) {
        clock.set(new Date(Math.min(clock.now().getTime() + HOUR / 4, end - 1)))
        attempts += await jobs.settle()
      }
      expect(attempts).toBeGreaterThan(40)
      expect(await jobs.listDead()).toEqual([])
      clock.advance(1)
      expect(await jobs.settle()).toBe(1)
      expect(await jobs.listDead()).toHaveLength(1)

      memory.failWith(undefined)
      const [dead] = await jobs.listDead()
      expect(await on.db.withSystem((tx) => jobs.retryDead(tx, dead?.id ?? ''))).toBe(true)
      await jobs.settle()
      expect(memory.to('ada@example.test')).toHaveLength(1)
      expect(await rows(on)).toEqual([])
    })
  })

  describe('by a folder', () => {
    it('is one private file per mail, whole, under the same name when sent again', async () => {
      const place = join(folder, 'nested')
      const { jobs, mail } = setUp(createFolderMailer(place))
      await on.db.transaction((tx) => mail.queue(tx, content))
      await jobs.settle()
      const [name, ...others] = readdirSync(place)
      expect(others).toEqual([])
      expect(name).toMatch(/^\d{4}-\d\d-\d\dT\d{6}\.\d{3}Z-[0-9a-f-]{36}\.eml$/)
      const path = join(place, name ?? '')
      expect(statSync(path).mode & 0o777).toBe(0o600)
      expect(statSync(place).mode & 0o777).toBe(0o700)
      const parsed = await PostalMime.parse(readFileSync(path))
      expect(parsed.to).toEqual([{ name: '', address: 'ada@example.test' }])
      expect(parsed.text).toContain('#token=canary-51ab')
      rmSync(place, { recursive: true })
    })
  })

  it('refuses links that lead elsewhere than to the web', async () => {
    const { mail } = setUp(memoryMail())
    for (const link of ['javascript:alert(1)', '/verify', 'file:///etc/passwd', 'data:text/html,x']) {
      const queueing = on.db.transaction((tx) => mail.queue(tx, { ...content, paragraphs: [{ link }] }))
      await expect(queueing, link).rejects.toThrow(InvalidMailError)
    }
  })

  it('sends nothing when the transaction rolls back', async () => {
    const memory = memoryMail()
    const { jobs, mail } = setUp(memory)
    const failing = on.db.transaction(async (tx) => {
      await mail.queue(tx, content)
      throw new Error('no')
    })
    await expect(failing).rejects.toThrow('no')
    expect(await jobs.settle()).toBe(0)
    expect(memory.sent).toEqual([])
  })
})
