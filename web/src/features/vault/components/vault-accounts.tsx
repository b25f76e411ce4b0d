import { useState } from 'react'
import { sentenceOf } from '../../../lib/problem.ts'
import { Button } from '../../../ui/button.tsx'
import { Empty, Failed, Loading } from '../../../ui/states.tsx'
import { useVault } from '../api/use-vault.ts'
import { AccountCard } from './account-card.tsx'
import { AccountNameDialog } from './account-name-dialog.tsx'
import { DeletedKeysDialog } from './deleted-keys-dialog.tsx'

/** Every account of the member with its credentials, and the way to add more. */
export function VaultAccounts() {
  const { groups, error, retry } = useVault()
  const [isAdding, setAdding] = useState(false)
  const [isShowingDeleted, setShowingDeleted] = useState(false)
  return (
    <div className="grid gap-6">
      {error !== null && <Failed sentence={sentenceOf(error)} onRetry={retry} />}
      {groups === undefined && error === null && <Loading what="your accounts and keys" />}
      {groups?.length === 0 && (
        <Empty title="There is nothing in your vault yet.">
          Make an account first: it groups the keys that belong together. Then add the keys that your broker
          gave you.
        </Empty>
      )}
      {groups?.map((group) => (
        <AccountCard key={group.account.id} group={group} />
      ))}
      {groups !== undefined && (
        <div className="flex flex-wrap gap-3">
          <Button kind={groups.length === 0 ? 'primary' : 'secondary'} onClick={() => setAdding(true)}>
            Add an account
          </Button>
          <Button kind="quiet" onClick={() => setShowingDeleted(true)}>
            Deleted keys
          </Button>
        </div>
      )}
      {isAdding && <AccountNameDialog onClose={() => setAdding(false)} />}
      {isShowingDeleted && <DeletedKeysDialog onClose={() => setShowingDeleted(false)} />}
    </div>
  )
}
