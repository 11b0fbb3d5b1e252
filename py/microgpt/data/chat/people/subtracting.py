"""Ways in which people ask for {a} - {b}, one a line."""

SUBTRACTING = """
how much more is {a} than {b}?
by what number does {a} exceed {b}
how much is missing if i have {b} and want {a}
{n} needs {a} but has {b}. How much is lacking?
{a} were invited, {b} did not come. How many came?
it was {a} degrees and fell by {b}. What is it now?
take off {b} from {a} please
the price was {a} and is {b} lower now. new price?
{a} minus {b} leaves what
after paying {b} from {a} what do i have
i have {a} to spend, {b} is gone. how much remains
what is the rest when {b} of {a} are used up
{b} of my {a} {t} are lost. How many are there still?
what do i get if {a} goes down by {b}
i need {a}, i have got {b}, how many more do i need?
{a} on the shelf, {b} are bought. How many stay?
how long is it from {b} to {a}?
{n} is {a} cm and {m} is {b} cm tall. What is the difference?
how many fewer is {b} than {a}
how much bigger is {a} than {b}
{a} is how much more than {b}?
How many more is {a} than {b}?
what is left of {a} when {b} is gone
i had {a} {t} but {b} broke, how many do i still have?
{n} owes {a} and pays back {b}. How much does {n} still owe?
spent {b} out of {a}, whats left
I paid with {a} for something that costs {b}, how much change do I get?
there were {a} birds, {b} flew off, how many birds stayed
knock {b} off {a}
lower {a} by {b}
cut {b} away from {a}
a novel has {a} pages and I have read {b}. How many are left to read?
minus {b} from {a}
a rope of {a} metres, we cut off {b} metres, how long is the rest?
{a} people on the bus, {b} get off. how many are on it now?
How far apart are {a} and {b}?
gap between {a} and {b}?
what must i add to {b} to get {a}
how many are missing from {b} to {a}?
{n} has {a} {t}, {m} has {b}. How many more does {n} have?
The tank held {a} litres and {b} leaked out. How much is in it?
{a} dollars in my account, rent is {b}, what do i have after
eat {b} of {a} {t}, how many remain
if {a} shrinks by {b} what is it
from {a} please subtract {b}
{b} out of {a} were bad. How many were good?
it costs {a} but I get {b} off, so what do I pay?
{a} seats and {b} are taken, how many free seats?
went from {a} down by {b}
what do you get taking {b} off {a}?
{n} is {a} and {m} is {b}, how much older is {n}?
count back {b} from {a}
{a} eggs, {b} are broken. Whole eggs?
of the {a} pupils {b} are ill today, how many came?
we need {a} {t} and have {b}. How many do we still need?
drop {b} from {a}, what number is that
how much less is {b} than {a}?
if I throw away {b} of my {a} {t}, how many do I keep?
which number is {b} smaller than {a}
{n} wants {a} {t} and has only {b} so far. How many are missing?
please take {b} away from {a}
{n} baked {a} muffins. {b} were eaten. How many muffins are there now?
if {b} of {a} birds fly away how many birds are still there
i am {a} years old and my brother is {b}. how many years younger is he?
{a} take away {b}
what's {a} less {b}
it is {a} km to town, i have driven {b} km. how far is it still
the film lasts {a} minutes and {b} are over. how many minutes to go?
{n} had {a} and gave {b} to {m}. What does {n} have left?
deduct {b} from {a}
out of {a} questions i got {b} wrong, how many were right
the jug has {a} ml, i drink {b} ml, what is still in it
what's the difference of {a} and {b}
how much must i pay on top of {b} to make {a}
{a} guests were at the party and {b} have left. How many guests are still there?
my phone had {a} percent, now it used {b}. what does it show
{n} weighs {a} kg and {m} weighs {b} kg. How much heavier is {n}?
we sold {b} of {a} tickets. Unsold tickets?
remove {b} from {a}
{a} candles were burning, {b} went out. how many are burning
how many do i have to give back to come from {a} to {b}
a coat was {a} and is now {b} cheaper, what does it cost
of {a} days of holiday {b} have passed. how many days do i still have
from {a} i used {b}. remaining?
there are {a} kids in class and {b} wear glasses. How many do not wear glasses?
what is {b} below {a}
i had {a} coins. i lost {b}. coins now?
{n} ran {a} metres, {m} ran {b}. How much further did {n} run?
the bag weighed {a} g, i took out {b} g. what does it weigh now
{a} plants, {b} of them died. how many live
tell me how much {b} is under {a}
a shop had {a} hats, it sold {b}. How many hats does the shop still have?
start with {a} and go back {b}
{b} of {a} chairs are broken, how many can be used?
how many more than {b} is {a}
the bill says {a}, i have {b}. how much do i lack
{n} must read {a} pages and has read {b}. How many must {n} still read?
we were {a}, {b} went home early, we are now
i wanna know {a} minus {b}
{a} steps to the top, i did {b}. steps left?
subtract: {a} and {b}
how long is it until {a} if it is {b} now
{a} cookies in the jar, {n} takes {b}. How many cookies stay in the jar?
if you take {b} from {a}, how many remain
a tree of {a} metres lost {b} metres in a storm. How high is it?
there were {a} of us and {b} got lost
my loan is {a}, paid {b} already, still open?
{m} has {b} less than {n}, who has {a}. How many does {m} have?
pay {b} with {a}, what change comes back?
{n} cut {b} cm off a board of {a} cm. What is left of the board?
How many more {t} does {n} have than {m}, if {n} has {a} and {m} has {b}?
{n} has {a} {t} and {m} has {b} {t}. How many fewer does {m} have?
{m} is {b} years younger than {n}. {n} is {a}. How old is {m}?
{n} is {a} and {m} is {b} years younger. what age is {m}
i got {a} bucks, bought a game for {b}, whats left over
had {a} lost {b} how much do i still have
How much change will I get from {a} if I spend {b}?
what is left over from {a} once {b} is paid
ticket is {b}, i hand over {a}, change?
My pension is {a} and the rent takes {b}. How much remains for me?
{n} had {a} {t} and gave {m} {b} of them. How many does {n} have left?
{b} of the {a} cookies are already eaten. how many cookies are left over
There were {a} pupils in the hall. {b} pupils left. How many pupils stayed?
{a} km trip, {b} km done, km to go?
a bottle holds {a} ml, {b} ml are poured out, whats left inside
together they have {a} {t}. {n} has {b} of them. How many does {m} have?
{n} and {m} have {a} marbles altogether and {n} has {b}. how many has {m}
We are {a} in the class, {b} are boys. How many girls?
two numbers add up to {a} and one is {b}. the other?
{b} plus what is {a}
what plus {b} makes {a}?
the sum of two numbers is {a}, one of them is {b}, find the other one
How many must {m} get to have as many as {n}, who has {a}, if {m} has {b}?
i want to save {a}. ive saved {b} so far. how much is still missing
the bike costs {a}, i only have {b}, how much short am i
{n} weighed {a} kg and lost {b} kg. How heavy is {n} now?
a shop ordered {a} lamps, only {b} came. how many didnt come
it's {a} steps to the tower top and {n} has climbed {b}. How many steps remain?
How much cheaper is it at {b} than at {a}?
old price {a}, discount {b}, what do i pay
shoes were {a}, now they take {b} off. how much are the shoes
a tv for {a} is reduced by {b}. New price?
The bus left with {a} people and {b} got out at the church. How many rode on?
of {a} balloons {b} popped, how many have not popped
{n} bakes {a} cakes and sells {b}. How many cakes are unsold?
the farmer had {a} hens, the fox took {b}. hens left?
my gran is {a} and my mum is {b}. how many years lie between them
{n} was born in {b}. How old is {n} in {a}?
from the year {b} to the year {a} is how many years
how many years passed between {b} and {a}
a candle of {a} mm burns down {b} mm. How long is it then?
it was {a} outside, now its {b} colder. what does it read
temperature fell {b} degrees from {a}, how warm is it now
the river is {a} km long and the canal {b} km. How much longer is the river?
{n} scored {a} and {m} scored {b}. By how many points did {n} win?
we won {a} to {b}. by how much?
{m} lost by {b} points to {n}, who had {a}. What was the score of {m}?
I'm on page {b} of {a}. how many pages till the end
{n} has done {b} of {a} exercises. How many are still to do?
{a} exercises, {b} done, still to do?
theres {a} seats on the plane and {b} r booked, how many r free
{a} tickets were printed, {b} were sold. How many are over?
There are {a} apples. {b} are green and the others are red. How many red ones?
{a} flowers, {b} are roses, the rest tulips. how many tulips
Of my {a} books {b} are on loan. How many are at home?
a jar had {a} sweets. {n} ate {b}. now there are how many sweets
{n} took {b} {t} out of a chest with {a}. How many stayed inside?
{a} people work here but {b} are on holiday. how many are at work
please work out how many remain when {b} leave a group of {a}
what remains of {a} after {b} is taken out
{n} had a string {a} cm long and used {b} cm. How many cm are unused?
the tank holds {a} litres and has {b} in it. how much more fits in
a lift can carry {a} kg and {b} kg are in it, how much more may come in
need {a} words for my essay, wrote {b}, how many to go
{n} earned {a} and paid {b} in taxes. What could {n} keep?
i got paid {a}, bills are {b}, so i keep?
salary {a} minus rent {b}
{a} less {b} for the taxman leaves me with
we had a budget of {a} and have used {b}. what is still in the budget
My account shows {a}. If I take out {b}, what will it show?
{n} borrowed {a} and has paid back {b}. How much debt is left?
there's {a} in total, minus the {b} that are broken, so how many work
{b} of {a} lamps do not work. How many do?
{a} eggs minus {b} for the cake
if {b} out of {a} children stay at home, how many come to school
{n} invited {a} friends and {b} said no. How many said yes?
{a} runners started the race and {b} gave up. How many reached the end?
{a} runners started, {b} finished. how many gave up?
The concert hall has {a} seats. {b} people came. How many seats stayed empty?
before the sale there were {a} {t}, after it {b}. How many were sold?
this morning i had {a} {t}, now its only {b}. how many did i lose
he had {a} and now he has {b}, how many are gone
the number fell from {a} to {b}. how much did it fall by
prices went from {b} up to {a}, what was the rise
{n} grew from {b} cm to {a} cm. How much did {n} grow?
my plant was {b} cm and is {a} cm now, how much taller is it
the meter showed {b} before and shows {a} now. what did we use
the clock says {a} minutes, i began at {b}. minutes gone by?
a journey takes {a} minutes and {b} have gone by. how much longer
cut {b} cm off {a} cm. Rest?
{a} cm of wood, saw off {b}, what length stays
{n} has {a} cm of ribbon and needs {b} cm for a gift. How much will be left over?
i have to get from {b} to {a}, how far apart is that
how many steps from {b} up to {a}?
which number do i add to {b} so that it gets {a}
by how much is {b} smaller than {a}
how much less do i pay if it costs {b} and not {a}
{n} paid {a} but {m} paid only {b} for the same. How much did {m} save?
one box weighs {a} g and the other {b} g. how much lighter is the second
mount one is {a} m high, mount two {b} m. difference in height?
{n} has {b} fewer {t} than {m}. {m} has {a}. How many has {n}?
{m} sold {a} cups of lemonade and {n} sold {b} fewer. How many did {n} sell?
we saw {a} ducks and {b} fewer geese. how many geese?
there are {b} fewer girls than boys. There are {a} boys. How many girls are there?
{b} less than the {a} of last year. How many is that?
{a} came last year and this year {b} fewer. how many came this year
in the pack were {a} cards but {b} went missing. cards now?
if {a} minus something is {b}, what is something
what do i take from {a} to get {b}
how many must go so that of {a} only {b} stay
{a} fish swam in the pond till a heron ate {b}. How many swim there still?
full it weighs {a}, empty {b}. what is the weight of what is in it
gross {a}, packing {b}, net?
{a} litres in the barrel and {n} waters the garden with {b}. Litres left over?
it was {a} days until my birthday, {b} days ago. how many days is it now
holiday in {a} days, {b} days are over, days to wait?
{n} picked {a} berries but {b} were rotten. How many could be eaten?
i typed {a} letters and deleted {b}. how many stand there
take the {b} kids away from the {a} people, how many grown-ups are there
Of {a} people {b} are children. The number of adults?
{a} voted, {b} of them for {n} and the others for {m}. How many votes did {m} get?
{n} must pay {a}. A voucher takes {b} off. What is still to pay?
a phone for {a} with a {b} euro voucher costs me
what do you have if you had {a} and somebody stole {b}
what's the remainder when {b} has gone from {a}
"""
