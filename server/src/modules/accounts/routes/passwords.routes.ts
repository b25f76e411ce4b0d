import { changePasswordRoute } from './change-password.route.ts'
import { confirmPasswordResetRoute } from './confirm-password-reset.route.ts'
import { requestPasswordResetRoute } from './request-password-reset.route.ts'

/** The routes of `passwords`, by the names of their contract. */
export const passwordRoutes = {
  changePassword: changePasswordRoute,
  requestPasswordReset: requestPasswordResetRoute,
  confirmPasswordReset: confirmPasswordResetRoute,
} as const
