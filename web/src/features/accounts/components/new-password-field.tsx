import type { ComponentPropsWithRef } from 'react'
import { passwordMin } from '../../../lib/page-meta.ts'
import { PasswordField } from '../../../ui/password-field.tsx'
import { missingCharacters } from '../password-length.ts'

interface NewPasswordFieldProps extends ComponentPropsWithRef<'input'> {
  readonly value: string
  readonly label?: string
  readonly error: string | undefined
}

/** A field for a password to be: says what makes a good one, and while it is typed whether it is long enough. */
export function NewPasswordField({ label = 'Password', value, ...input }: NewPasswordFieldProps) {
  const missing = missingCharacters(value, passwordMin)
  return (
    <div className="grid gap-1">
      <PasswordField
        label={label}
        hint={`At least ${passwordMin} characters. A few words in a row are strong and easy to remember; capitals, digits and signs are not needed.`}
        autoComplete="new-password"
        required
        value={value}
        {...input}
      />
      <p className="min-h-6 text-sm text-ink-soft">
        {value !== '' && missing > 0 && (
          <span aria-hidden="true">
            {missing} more {missing === 1 ? 'character' : 'characters'} to go
          </span>
        )}
        <span role="status">{value !== '' && missing === 0 && 'Long enough.'}</span>
      </p>
    </div>
  )
}
