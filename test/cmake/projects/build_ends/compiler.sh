# sh compiler.sh <folder> <compiler> <argument>...: while <folder> has a file named as the source, this is a compiler that has written a
# part of the object.
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
  echo "a part" >"$object"
  while [ -e "$held" ]; do sleep 0.1; done
fi
exec "$@"
