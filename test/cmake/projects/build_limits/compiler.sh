# One that the kernel kills each time, as it does when the machine has no memory left.
for word; do
  case $word in */killed.c) kill -KILL $$ ;; esac
done
exec "$@"
