import { Eye, EyeOff } from 'lucide-react'
import { type ComponentPropsWithRef, useState } from 'react'
import { classNames } from './class-names.ts'
import { Field, type FieldText } from './field.tsx'

type SecretProps = FieldText & ComponentPropsWithRef<'input'>

/** A field for a password of this site, with a button that shows what was typed. Pasting is welcome. */
export function PasswordField(props: SecretProps) {
  return <HiddenField {...props} isPassword />
}

// Note: browsers offer to keep whatever a field of type `password` sends as the password of this site, and to fill that in,
// and heed no `autocomplete`. So this is text, masked by CSS. What that costs, that a keyboard may learn what is typed, is
// little where a secret is pasted; `autocomplete`, spelling and password managers are told to leave it alone.
/** A field for a secret that is no password of this site, as the key of a broker; otherwise as `PasswordField`. */
export function ForeignSecretField(props: SecretProps) {
  const isPassword = !CSS.supports('-webkit-text-security', 'disc')
  return (
    <HiddenField
      {...props}
      {...LEFT_ALONE}
      autoComplete={isPassword ? 'new-password' : 'off'}
      isPassword={isPassword}
    />
  )
}

/** What 1Password, LastPass, Bitwarden and Dashlane leave alone. */
const LEFT_ALONE = {
  'data-1p-ignore': 'true',
  'data-lpignore': 'true',
  'data-bwignore': 'true',
  'data-form-type': 'other',
} as const

interface HiddenProps extends SecretProps {
  /** Hidden as a password, and not by CSS alone. */
  readonly isPassword: boolean
}

function HiddenField({ label, hint, error, isPassword, ...input }: HiddenProps) {
  const [isShown, setShown] = useState(false)
  const Icon = isShown ? EyeOff : Eye
  return (
    <Field {...{ label, hint, error }}>
      {(control) => (
        <div className="relative">
          <input
            autoCapitalize="none"
            autoCorrect="off"
            spellCheck={false}
            {...input}
            {...control}
            type={isPassword && !isShown ? 'password' : 'text'}
            className={classNames(
              control.className,
              'pr-12',
              !isPassword && !isShown && '[-webkit-text-security:disc]',
            )}
          />
          <button
            type="button"
            className="absolute inset-y-0 right-0 grid w-11 cursor-pointer place-items-center text-ink-soft hover:text-ink"
            aria-label={isShown ? 'Hide what was typed' : 'Show what was typed'}
            aria-pressed={isShown}
            onClick={() => setShown(!isShown)}
          >
            <Icon size={18} aria-hidden="true" />
          </button>
        </div>
      )}
    </Field>
  )
}
