import type { Credential } from '../api/credentials.ts'
import type { CredentialDialogName } from './credential-actions.tsx'
import { DeleteCredentialDialog } from './delete-credential-dialog.tsx'
import { ExpiryDialog } from './expiry-dialog.tsx'
import { ReplaceKeyDialog } from './replace-key-dialog.tsx'
import { TradingDialog } from './trading-dialog.tsx'
import { UsesDialog } from './uses-dialog.tsx'

const DIALOGS = {
  replace: ReplaceKeyDialog,
  trading: TradingDialog,
  expiry: ExpiryDialog,
  uses: UsesDialog,
  delete: DeleteCredentialDialog,
} as const

interface CredentialDialogProps {
  readonly name: CredentialDialogName
  readonly credential: Credential
  onClose(): void
}

/** The dialog of this name about a credential. */
export function CredentialDialog({ name, ...about }: CredentialDialogProps) {
  const Named = DIALOGS[name]
  return <Named {...about} />
}
