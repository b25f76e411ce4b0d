import { Navigate } from '@tanstack/react-router'

/** The settings begin with the profile. */
export function Page() {
  return <Navigate to="/settings/profile" replace />
}
