import { usePages } from '../../../lib/use-pages.ts'
import { Badge } from '../../../ui/badge.tsx'
import { Button } from '../../../ui/button.tsx'
import { Dialog } from '../../../ui/dialog.tsx'
import { Empty, Failed, Loading } from '../../../ui/states.tsx'
import { type AuditEntry, credentialAuditQuery } from '../api/credential-audit.ts'
import { actionInWords, endInWords } from '../audit-words.ts'
import { credentialName, type NamedCredential } from '../credential-name.ts'
import { Moment } from './moment.tsx'

interface UsesDialogProps {
  /** One that is there, or one that was deleted. */
  readonly credential: NamedCredential & { readonly id: string }
  onClose(): void
}

/** Lists what was done with a credential, by whom and how it ended. */
export function UsesDialog({ credential, onClose }: UsesDialogProps) {
  const query = credentialAuditQuery(credential.id)
  const { items: entries, failure, again, hasMore, isReadingMore, readMore } = usePages(query)
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={`What was done with “${credentialName(credential)}”`}
      description="Every use and every change, the latest first."
    >
      {entries === undefined && failure === undefined && <Loading what="the list" />}
      {entries?.length === 0 && <Empty title="Nothing was done with it yet." />}
      {entries !== undefined && entries.length > 0 && (
        <ol className="divide-y divide-line">
          {entries.map((entry) => (
            <Entry key={entry.id} entry={entry} />
          ))}
        </ol>
      )}
      {failure !== undefined && <Failed sentence={failure} onRetry={again} />}
      {hasMore && (
        <Button isBusy={isReadingMore} onClick={readMore}>
          Show more
        </Button>
      )}
    </Dialog>
  )
}

function Entry({ entry }: { readonly entry: AuditEntry }) {
  return (
    <li className="grid gap-1 py-3">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <span className="font-medium">{actionInWords(entry)}</span>
        <Badge tone={toneOf(entry.outcome)}>{endInWords(entry.outcome)}</Badge>
      </div>
      <p className="text-sm text-ink-soft">
        <Moment at={entry.at} none="" /> · {doerOf(entry)}
        {entry.address !== null && ` · from ${entry.address}`}
      </p>
    </li>
  )
}

function toneOf(outcome: string | null): 'good' | 'neutral' | 'danger' {
  if (outcome === null) return 'neutral'
  return outcome === 'ok' ? 'good' : 'danger'
}

function doerOf({ token_id, session_id }: AuditEntry): string {
  if (token_id !== null) return 'by a personal access token'
  return session_id === null ? 'by the server' : 'by you, signed in'
}
