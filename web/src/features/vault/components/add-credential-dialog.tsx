import { useState } from 'react'
import { inWords } from '../../../lib/in-words.ts'
import { useSubmit } from '../../../lib/use-submit.ts'
import { Button } from '../../../ui/button.tsx'
import { Dialog } from '../../../ui/dialog.tsx'
import { SelectField, TextField } from '../../../ui/field.tsx'
import { Form } from '../../../ui/form.tsx'
import { showToast } from '../../../ui/toasts.tsx'
import type { TradingAccount } from '../api/accounts.ts'
import { createAttempts } from '../api/attempts.ts'
import { type CredentialWish, storeCredential } from '../api/credentials.ts'
import { useWriteToVault } from '../api/use-vault.ts'
import { credentialTypes } from '../credential-type.ts'
import { storedText } from '../outcome-text.ts'
import { EnvironmentBadge } from './environment-badge.tsx'
import { noPair, PairFields, trimmedPair } from './pair-fields.tsx'

interface AddCredentialDialogProps {
  readonly account: TradingAccount
  onClose(): void
}

const LONGEST_NAME = 255

/** Takes a key, has it tried at its broker, and keeps it when the broker accepts it. */
export function AddCredentialDialog({ account, onClose }: AddCredentialDialogProps) {
  const [type, setType] = useState('alpaca_paper')
  const [nickname, setNickname] = useState('')
  const [pair, setPair] = useState(noPair)
  const submission = useStoring(onClose)
  const { errorOf } = submission
  const environment = credentialTypes.find((each) => each.type === type)?.environment ?? 'paper'
  const send = () => {
    const wish = { accountId: account.id, type, environment, nickname: nickname.trim() }
    submission.send({ ...wish, pair: trimmedPair(pair) })
  }
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={`Add a key to “${account.account_name}”`}
      description="The key is tried at the broker first. Nobody is ever shown its secret again, not even you."
    >
      <Form
        submission={submission}
        action={submission.isBusy ? 'Trying it at the broker …' : 'Test and store'}
        beside={<Button onClick={onClose}>Cancel</Button>}
        autoComplete="off"
        onSend={send}
      >
        <SelectField
          label="Type"
          name="credential_type"
          value={type}
          onChange={(event) => setType(event.target.value)}
          error={errorOf('credential_type')}
        >
          {credentialTypes.map((each) => (
            <option key={each.type} value={each.type}>
              {inWords(each.type)}
            </option>
          ))}
        </SelectField>
        <p className="flex items-start gap-2 text-sm text-ink-soft">
          <EnvironmentBadge environment={environment} />
          {environment === 'live'
            ? 'Real money. You may be asked to prove that it is you.'
            : 'Play money. Orders never reach a market.'}
        </p>
        <TextField
          label="Name (optional)"
          hint="What you want to call it. Without a name it is called after its type."
          name="nickname"
          maxLength={LONGEST_NAME}
          autoComplete="off"
          value={nickname}
          onChange={(event) => setNickname(event.target.value)}
          error={errorOf('nickname')}
        />
        <PairFields pair={pair} onChange={setPair} errorOf={errorOf} />
      </Form>
    </Dialog>
  )
}

// Note: the dialog goes with its pair as soon as it is stored.
function useStoring(onClose: () => void) {
  const write = useWriteToVault()
  const [attempt] = useState(createAttempts)
  return useSubmit({
    fields: ['credential_type', 'nickname', 'api_key', 'secret_key'],
    send: (wish: CredentialWish) => attempt(wish, (name) => write(() => storeCredential(wish, name))),
    onDone({ last_validation }) {
      showToast(storedText(last_validation))
      onClose()
    },
  })
}
