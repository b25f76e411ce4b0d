import { useState } from 'react'
import { useSubmit } from '../../../lib/use-submit.ts'
import { Button } from '../../../ui/button.tsx'
import { Dialog } from '../../../ui/dialog.tsx'
import { TextField } from '../../../ui/field.tsx'
import { Form } from '../../../ui/form.tsx'
import { showToast } from '../../../ui/toasts.tsx'
import { changeAccount, createAccount, type TradingAccount } from '../api/accounts.ts'
import { useWriteToVault } from '../api/use-vault.ts'

interface AccountNameDialogProps {
  /** The account to rename; a new one without it. */
  readonly account?: TradingAccount
  onClose(): void
}

const LONGEST = 255

/** Asks for the name of an account, to make it or to rename it. */
export function AccountNameDialog({ account, onClose }: AccountNameDialogProps) {
  const [name, setName] = useState(account?.account_name ?? '')
  const write = useWriteToVault()
  const submission = useSubmit({
    fields: ['account_name'],
    send: (account_name: string) =>
      write(() => (account ? changeAccount(account.id, { account_name }) : createAccount(account_name))),
    onDone({ account_name }) {
      showToast(account ? `The account is called “${account_name}” now.` : `“${account_name}” is made.`)
      onClose()
    },
  })
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={account ? `Rename “${account.account_name}”` : 'Add an account'}
      description="An account groups the keys that belong together, such as those of one broker account."
    >
      <Form
        submission={submission}
        action={account ? 'Save the name' : 'Add the account'}
        beside={<Button onClick={onClose}>Cancel</Button>}
        onSend={() => submission.send(name.trim())}
      >
        <TextField
          label="Name of the account"
          name="account_name"
          required
          maxLength={LONGEST}
          autoComplete="off"
          value={name}
          onChange={(event) => setName(event.target.value)}
          error={submission.errorOf('account_name')}
        />
      </Form>
    </Dialog>
  )
}
