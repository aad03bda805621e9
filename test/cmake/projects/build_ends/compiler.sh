# sh compiler.sh <folder> <compiler> <argument>...: while <folder> has a file named as the source, this is a compiler that is at work, and
# says so by <source>.waits; what is in the file it has written into the object by then.
folder=$1
shift
before=
object=
source=
for word; do
  case $before in
    -o) object=$word ;;
    -c) source=$word ;;
  esac
  before=$word
done
held=$folder/$(basename "$source")
if [ -e "$held" ]; then
  [ ! -s "$held" ] || cp "$held" "$object"
  : >"$held.waits"
  while [ -e "$held" ]; do sleep 0.1; done
fi
exec "$@"
