import { useState } from 'react'
import { usePages } from '../../../lib/use-pages.ts'
import { Button } from '../../../ui/button.tsx'
import { Dialog } from '../../../ui/dialog.tsx'
import { Empty, Failed, Loading } from '../../../ui/states.tsx'
import { type DeletedCredential, deletedCredentialsQuery } from '../api/deleted-credentials.ts'
import { credentialName } from '../credential-name.ts'
import { CredentialLabel } from './credential-label.tsx'
import { Moment } from './moment.tsx'
import { UsesDialog } from './uses-dialog.tsx'

/** Lists the keys that the member has deleted, each with the way to what was done with it. */
export function DeletedKeysDialog({ onClose }: { onClose(): void }) {
  const {
    items: credentials,
    failure,
    again,
    hasMore,
    isReadingMore,
    readMore,
  } = usePages(deletedCredentialsQuery)
  const [shown, setShown] = useState<DeletedCredential>()
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title="Deleted keys"
      description="The keys are gone. What was done with them stays written down, unless their account was deleted too."
    >
      {credentials === undefined && failure === undefined && <Loading what="your deleted keys" />}
      {credentials?.length === 0 && <Empty title="There is no deleted key." />}
      {credentials !== undefined && credentials.length > 0 && (
        <ul className="divide-y divide-line">
          {credentials.map((credential) => (
            <DeletedKey key={credential.id} credential={credential} onShow={() => setShown(credential)} />
          ))}
        </ul>
      )}
      {failure !== undefined && <Failed sentence={failure} onRetry={again} />}
      {hasMore && (
        <Button isBusy={isReadingMore} onClick={readMore}>
          Show more
        </Button>
      )}
      {shown !== undefined && <UsesDialog credential={shown} onClose={() => setShown(undefined)} />}
    </Dialog>
  )
}

function DeletedKey({ credential, onShow }: { readonly credential: DeletedCredential; onShow(): void }) {
  return (
    <li className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 py-3">
      <div className="grid min-w-0 gap-1">
        <CredentialLabel credential={credential} />
        <p className="text-sm text-ink-soft">
          Key …{credential.key_hint}, deleted <Moment at={credential.deleted_at} none="" />
        </p>
      </div>
      <Button isSmall aria-label={`See what was done with ${credentialName(credential)}`} onClick={onShow}>
        See what was done
      </Button>
    </li>
  )
}
