import { useState } from 'react'
import { Badge } from '../../../ui/badge.tsx'
import { Button } from '../../../ui/button.tsx'
import { Card } from '../../../ui/card.tsx'
import { Empty } from '../../../ui/states.tsx'
import type { VaultGroup } from '../api/use-vault.ts'
import { AccountMenu } from './account-menu.tsx'
import { AddCredentialDialog } from './add-credential-dialog.tsx'
import { CredentialRow } from './credential-row.tsx'

/** An account with its credentials. */
export function AccountCard({ group }: { readonly group: VaultGroup }) {
  const { account, credentials } = group
  const [isAdding, setAdding] = useState(false)
  return (
    <Card
      title={
        <span className="flex flex-wrap items-center gap-2">
          {account.account_name}
          {!account.is_active && <Badge>Closed</Badge>}
        </span>
      }
      actions={
        <div className="flex items-center gap-2">
          <Button isSmall aria-label={`Add a key to ${account.account_name}`} onClick={() => setAdding(true)}>
            Add a key
          </Button>
          <AccountMenu group={group} />
        </div>
      }
    >
      {!account.is_active && (
        <p className="text-sm text-ink-soft">
          This account is closed: its keys are not offered at the top of the page. Programs with a token can
          still use them; switch a key off to stop that.
        </p>
      )}
      {credentials.length === 0 ? (
        <Empty title="There is no key in this account yet.">
          Add the key of a paper account first: it trades with play money.
        </Empty>
      ) : (
        <ul className="divide-y divide-line border-t border-line">
          {credentials.map((credential) => (
            <CredentialRow key={credential.id} credential={credential} />
          ))}
        </ul>
      )}
      {isAdding && <AddCredentialDialog account={account} onClose={() => setAdding(false)} />}
    </Card>
  )
}
