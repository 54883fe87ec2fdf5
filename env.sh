# shellcheck shell=sh
# Source it: `. ./env.sh` in the project folder; bash and zsh take any path to it.
# It puts this clone's tools on PATH and points Pulumi and Docker at this clone's state.
# What you have set yourself (PULUMI_BACKEND_URL, PULUMI_CONFIG_PASSPHRASE, SLIPWAY_STATE ...) stays.

# A plain sh can't tell where a sourced file lies: there it is the current folder.
_slipway_file=./env.sh
if [ -n "${BASH_VERSION:-}" ]; then
  eval '_slipway_file=${BASH_SOURCE[0]}'
elif [ -n "${ZSH_VERSION:-}" ]; then
  eval '_slipway_file=${(%):-%x}'
fi
_slipway_folder=$(CDPATH='' cd -- "$(dirname -- "$_slipway_file")" && pwd)

# Once on PATH is enough, however often this file is sourced.
_slipway_path() { # first|last FOLDER
  case ":$PATH:" in
    *":$2:"*) return 0 ;;
  esac
  if [ "$1" = first ]; then PATH="$2:$PATH"; else PATH="$PATH:$2"; fi
}

if [ ! -f "$_slipway_folder/env.sh" ]; then
  echo "env.sh: in this shell, source it from the project folder: cd PROJECT && . ./env.sh" >&2
else
  # In a shell that sourced another clone's file, that clone's folders give way.
  if [ "${SLIPWAY_STATE:-}" = "${SLIPWAY_PROJECT:-}/.slipway" ]; then unset SLIPWAY_STATE; fi
  if [ "${PULUMI_BACKEND_URL:-}" = "${SLIPWAY_BACKEND:-}" ]; then unset PULUMI_BACKEND_URL; fi
  # The stand-in plugins, shared by all clones, run the code of this one.
  export SLIPWAY_PROJECT="$_slipway_folder"
  export SLIPWAY_STATE="${SLIPWAY_STATE:-$_slipway_folder/.slipway}"
  for _slipway_file in "$SLIPWAY_STATE/env" "$SLIPWAY_STATE/engine.env"; do
    # shellcheck disable=SC1090
    if [ -f "$_slipway_file" ]; then . "$_slipway_file"; fi
  done
  export SLIPWAY_CACHE="${SLIPWAY_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/slipway}"

  # A tool of yours wins over the cache, but not a Pulumi that is older than the pinned one.
  if [ -n "${SLIPWAY_PULUMI:-}" ]; then _slipway_path first "$SLIPWAY_PULUMI"; fi
  _slipway_path first "$_slipway_folder/.venv/bin"
  _slipway_path first "$_slipway_folder/bin"
  _slipway_path last /usr/sbin
  _slipway_path last "$SLIPWAY_CACHE/bin"
  export PATH

  mkdir -p "$SLIPWAY_STATE/pulumi"
  # Told apart from one that you chose. Without its metadata no kill tears a file of it.
  export SLIPWAY_BACKEND="file://$SLIPWAY_STATE/pulumi?metadata=skip"
  export PULUMI_BACKEND_URL="${PULUMI_BACKEND_URL:-$SLIPWAY_BACKEND}"
  # Without it the engine asks the registry for one image after another.
  export PULUMI_PARALLEL_DIFF="${PULUMI_PARALLEL_DIFF:-true}"
  export PULUMI_SKIP_UPDATE_CHECK="${PULUMI_SKIP_UPDATE_CHECK:-true}"
  if [ -z "${PULUMI_CONFIG_PASSPHRASE_FILE:-}" ]; then
    export PULUMI_CONFIG_PASSPHRASE="${PULUMI_CONFIG_PASSPHRASE:-}"
  fi
fi
unset _slipway_file _slipway_folder
unset -f _slipway_path
