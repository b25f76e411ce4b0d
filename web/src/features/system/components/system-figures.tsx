import { useQuery, useQueryClient } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { formatInstant } from '../../../lib/format.ts'
import { sentenceOf } from '../../../lib/problem.ts'
import { useIsInUse } from '../../../lib/use-is-in-use.ts'
import { useSubmit } from '../../../lib/use-submit.ts'
import { Badge } from '../../../ui/badge.tsx'
import { Button } from '../../../ui/button.tsx'
import { Card } from '../../../ui/card.tsx'
import { Notice } from '../../../ui/notice.tsx'
import { Failed, Loading } from '../../../ui/states.tsx'
import { type SystemStatus, systemQuery, verifyAudit } from '../api/system.ts'
import { bytesInWords } from '../bytes-in-words.ts'
import { KeyList } from './key-list.tsx'

/** After how long without a sign of anybody the figures are not read any more. */
const UNUSED_MINUTES = 15
const AGAIN_MS = 10_000

/** The server's health, keys, audit log and storage, read again every ten seconds while the page is seen and used. */
export function SystemFigures() {
  const isInUse = useIsInUse(UNUSED_MINUTES * 60_000)
  const { data, error, refetch } = useQuery({ ...systemQuery, enabled: isInUse, refetchInterval: AGAIN_MS })
  if (data === undefined) {
    return error === null ? (
      <Loading what="the figures" />
    ) : (
      <Failed sentence={sentenceOf(error)} onRetry={() => void refetch()} />
    )
  }
  return (
    <div className="grid gap-6 lg:grid-cols-2">
      {!isInUse && (
        <div className="lg:col-span-2">
          <Notice kind="info">
            The figures have stopped: nobody has used this page for {UNUSED_MINUTES} minutes. Press a key to
            go on.
          </Notice>
        </div>
      )}
      {error !== null && <Failed sentence={sentenceOf(error)} onRetry={() => void refetch()} />}
      <Health status={data} />
      <Audit audit={data.audit} />
      <Storage status={data} />
      <KeyList keys={data.keys} />
    </div>
  )
}

function Figures({ rows }: { readonly rows: readonly (readonly [string, ReactNode])[] }) {
  return (
    <dl className="grid grid-cols-[auto_1fr] gap-x-6 gap-y-2">
      {rows.map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="text-ink-soft">{name}</dt>
          <dd className="figures text-right whitespace-nowrap">{value}</dd>
        </div>
      ))}
    </dl>
  )
}

function State({ isWell, words }: { readonly isWell: boolean; readonly words: string }) {
  return <Badge tone={isWell ? 'good' : 'danger'}>{words}</Badge>
}

const VAULT_WORDS = { running: 'Running', restarting: 'Starting again', absent: 'Not there' } as const

function Health({ status }: { readonly status: SystemStatus }) {
  const { database, jobs, vault } = status
  return (
    <Card title="Health">
      <Figures
        rows={[
          ['Version', status.version],
          ['Running since', formatInstant(status.started_at)],
          ['Database', <State key="db" isWell={database.ok} words={database.ok ? 'Well' : 'In trouble'} />],
          ['Migrations to do', database.migrations_pending],
          [
            'Clock',
            <State key="clock" isWell={status.clock_ok} words={status.clock_ok ? 'Right' : 'Set back'} />,
          ],
          [
            'Vault',
            <State key="vault" isWell={vault.state === 'running'} words={VAULT_WORDS[vault.state]} />,
          ],
          ['Jobs: waiting, due, running', `${jobs.waiting}, ${jobs.due}, ${jobs.running}`],
          ['Jobs given up', <State key="dead" isWell={jobs.dead === 0} words={String(jobs.dead)} />],
        ]}
      />
    </Card>
  )
}

function signedWords({ signed_to }: { readonly signed_to: number }): string {
  return signed_to === 0 ? 'none is signed yet' : `signed up to number ${signed_to}`
}

function Audit({ audit }: { readonly audit: SystemStatus['audit'] }) {
  const { verified, is_verifying: isVerifying } = audit
  const queries = useQueryClient()
  const submission = useSubmit({
    send: verifyAudit,
    onDone: () => void queries.invalidateQueries({ queryKey: systemQuery.queryKey }),
  })
  return (
    <Card
      title="Audit log"
      actions={
        <Button isSmall isBusy={isVerifying || submission.isBusy} onClick={() => submission.send()}>
          {isVerifying ? 'Verifying' : 'Verify now'}
        </Button>
      }
    >
      <Figures
        rows={[
          ['Entries', audit.entries],
          [
            'Last signed',
            audit.last_checkpoint_at === null ? 'Never' : formatInstant(audit.last_checkpoint_at),
          ],
          ['Last verified', verified === null ? 'Never' : formatInstant(verified.checked_at)],
        ]}
      />
      {verified?.ok === true && (
        <Notice kind="good">
          Every entry up to number {verified.through} is as it was written, and {signedWords(verified)}.
        </Notice>
      )}
      {verified?.ok === false && (
        <Notice kind="danger" title="The audit log did not pass its last verification.">
          {verified.fault} {verified.through > 0 && <>Up to number {verified.through} it is right.</>}
        </Notice>
      )}
      {submission.failure !== undefined && <Notice kind="danger">{submission.failure}</Notice>}
    </Card>
  )
}

function Storage({ status: { storage, database } }: { readonly status: SystemStatus }) {
  return (
    <Card title="Storage">
      <Figures
        rows={[
          [
            'Database',
            `${database.kind === 'sqlite' ? 'SQLite' : 'PostgreSQL'}, ${bytesInWords(database.size_bytes)}`,
          ],
          ['Free on the disk', bytesInWords(storage.data_dir_bytes_free)],
          ['Disk', bytesInWords(storage.data_dir_bytes_total)],
          ['Mail waiting', storage.mail_waiting],
        ]}
      />
    </Card>
  )
}
