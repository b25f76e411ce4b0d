const NAME = '__Host-outcry-signed-in'

/** The cookie that says that somebody is signed in here, without saying who: no request is made where nobody is. */
export const sessionHint = {
  isPresent(): boolean {
    return document.cookie.split('; ').some((pair) => pair.startsWith(`${NAME}=`))
  },
}
