import { useMutation } from '@tanstack/react-query'
import { Archive, ArchiveRestore, Ellipsis, Pencil, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { sentenceOf } from '../../../lib/problem.ts'
import { buttonClass } from '../../../ui/button.tsx'
import { Menu, MenuItem, MenuLine } from '../../../ui/menu.tsx'
import { showToast } from '../../../ui/toasts.tsx'
import { changeAccount } from '../api/accounts.ts'
import { useWriteToVault, type VaultGroup } from '../api/use-vault.ts'
import { AccountNameDialog } from './account-name-dialog.tsx'
import { DeleteAccountDialog } from './delete-account-dialog.tsx'

/** What can be done with an account as a whole. */
export function AccountMenu({ group }: { readonly group: VaultGroup }) {
  const { account } = group
  const [open, setOpen] = useState<'rename' | 'delete'>()
  const setActive = useSetActive(group)
  const close = () => setOpen(undefined)
  return (
    <>
      <Menu
        trigger={
          <button
            type="button"
            className={buttonClass('quiet', true)}
            aria-label={`More for the account ${account.account_name}`}
          >
            <Ellipsis size={20} aria-hidden="true" />
          </button>
        }
      >
        <MenuItem onSelect={() => setOpen('rename')}>
          <Pencil size={18} aria-hidden="true" />
          Rename the account
        </MenuItem>
        <MenuItem onSelect={() => setActive(!account.is_active)}>
          {account.is_active ? (
            <>
              <Archive size={18} aria-hidden="true" />
              Close: keep it out of the choice above
            </>
          ) : (
            <>
              <ArchiveRestore size={18} aria-hidden="true" />
              Open it again
            </>
          )}
        </MenuItem>
        <MenuLine />
        <MenuItem onSelect={() => setOpen('delete')}>
          <Trash2 size={18} aria-hidden="true" />
          Delete the account …
        </MenuItem>
      </Menu>
      {open === 'rename' && <AccountNameDialog account={account} onClose={close} />}
      {open === 'delete' && <DeleteAccountDialog group={group} onClose={close} />}
    </>
  )
}

function useSetActive({ account }: VaultGroup): (isActive: boolean) => void {
  const write = useWriteToVault()
  const { mutate } = useMutation({
    mutationFn: (is_active: boolean) => write(() => changeAccount(account.id, { is_active })),
    onSuccess: ({ account_name, is_active }) =>
      showToast(is_active ? `“${account_name}” is open again.` : `“${account_name}” is closed.`),
    onError: (error) => showToast(sentenceOf(error)),
  })
  return mutate
}
