import { createMailPasswordReset, type MailPasswordResetOptions } from '../passwords/password-reset.ts'
import { type AskForEmailChangeOptions, createAskForEmailChange } from './ask-for-email-change.ts'
import { type ConfirmEmailChangeOptions, createConfirmEmailChange } from './confirm-email-change.ts'
import { createUndoEmailChange, type UndoEmailChangeOptions } from './undo-email-change.ts'

type EmailChangeOptions = AskForEmailChangeOptions &
  ConfirmEmailChangeOptions &
  MailPasswordResetOptions &
  Omit<UndoEmailChangeOptions, 'mailPasswordReset'>

/** Changing one's address: asking for another, proving it, and undoing it from the one before (C23). */
export function createEmailChange(options: EmailChangeOptions) {
  return {
    ask: createAskForEmailChange(options),
    confirm: createConfirmEmailChange(options),
    undo: createUndoEmailChange({ ...options, mailPasswordReset: createMailPasswordReset(options) }),
  }
}
