import { askForEmailChangeRoute } from './ask-for-email-change.route.ts'
import { confirmEmailChangeRoute } from './confirm-email-change.route.ts'
import { undoEmailChangeRoute } from './undo-email-change.route.ts'

/** The routes of `emailChange`, by the names of their contract. */
export const emailChangeRoutes = {
  askForEmailChange: askForEmailChangeRoute,
  confirmEmailChange: confirmEmailChangeRoute,
  undoEmailChange: undoEmailChangeRoute,
} as const
