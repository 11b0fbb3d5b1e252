"""Ways in which people ask for {a} + {b}, one a line."""

ADDING = """
{a} first and {b} later, all together?
my {a} and your {b}, how much have we
how much have {a} and {b} when they are counted as one
{n} got {a} for a birthday and {b} from a friend. What does {n} have in all?
the bus had {a} people, {b} joined. people now?
{a} plus {b} more is what number
after {a} come {b} more, so how many
what is the total if you have {a} and {b}
find the sum of the numbers {a} and {b}
{n} walked {a} metres and {m} {b} metres. What did they walk in all?
a cup for {a} and a plate for {b}, what is the price of both
i am {a} now, how old am i {b} years from now
{a} came by car and {b} by train. How many came?
we had {a} {t}, somebody brought {b}, how many have we got
{a} and another {b}, what does that come to?
i had {a} euros and my aunt gave me {b}, so now i have?
what do {a} and {b} add up to
combine {a} with {b}
if i put {a} on top of {b} where do i land
tally {a} and {b} for me
{a} extra on {b} is how many
we drove {a} km before lunch and {b} km after, how far in total?
My shop sold {a} {t} yesterday and {b} today. Sum?
grandma is {a}, in {b} years how old will she be?
{a} boys and {b} girls, how many kids
{a} kids are in the bus and {b} more climb in. How many kids now?
raise {a} by {b}
which number is {a} bigger than {b}?
one jar holds {a} {t}, the other {b}. All in all?
ok so {a} then plus {b} ?
bill was {a} dollars plus a tip of {b}. what did we pay?
There are {a} cows in one field and {b} in the next, how many cows altogether?
{n} read {a} pages on Saturday and {b} pages on Sunday; pages in total?
{a} ppl came, later {b} more came, how many ppl
{n} saved {a} coins and earns {b} more. How rich is {n}?
what will {a} be after adding {b}
increase {a} by {b}
sum it: {a}, {b}
{n} walks {a} steps, then {b} steps. How many steps altogether?
the population was {a} and grew by {b}. what is it now?
Two numbers, {a} and {b}. What is their sum?
my mum bought {a} eggs and my dad bought {b} eggs, how many eggs do we have
how high is a tower of {a} bricks when {b} bricks are put on top?
{a} likes yesterday, {b} new likes today, total likes?
A book costs {a} and a pen costs {b}. What do both cost together?
it was {a} degrees and got {b} degrees warmer. how warm is it?
if you have {a} of something and somebody hands you {b}, you have
add another {a} to {b} please
{a} men, {b} women: how many people?
can u add these: {a} {b}
the train has {a} seats in front and {b} at the back, how many seats in all?
{n} scored {a} points, {m} scored {b}. Points of both?
suppose i own {a} {t} and inherit {b}. how many do i own then
please add {a} onto {b}
could somebody add up {a} and {b} for me
{a} together with {b} gives?
{a} apples and {b} pears in a bowl, how many pieces of fruit
my brother caught {a} fish, I caught {b}. How many fish did we catch?
yesterday it rained {a} mm and today {b} mm, how much rain was it?
i ran {a} laps then {b} more laps, laps total?
what's {a} added to {b}
we collected {a} euros on monday and {b} euros on friday. how much money is it now
{n} spent {a} on food and {b} on toys. How much did {n} spend?
{a} cats and {b} dogs live here. Animals?
a truck carries {a} kg and another {b} kg, what do they carry together
i slept {a} minutes then another {b} minutes. how long did i sleep
There are {a} red cars and {b} white cars in the car park. How many cars is that?
{n} wrote {a} words before lunch and {b} after it. How many words did {n} write?
if a plant is {a} cm and grows {b} cm, how tall is it then
the shop had {a} customers in the morning and {b} in the afternoon. all day?
how many are {a} and {b}
{a} new messages and {b} old ones. messages altogether?
{n} has {a} stickers. {m} gives {n} {b} stickers. How many stickers does {n} have now?
i owe {a} to you and {b} to her. what do i owe
{a} pages are read and {b} are still to read. How many pages has the book?
whats the sum if i take {a} and {b}
{a} seconds plus {b} seconds, how many seconds?
Our class planted {a} trees, the other class {b}. How many trees were planted?
put {a} and {b} together, what do you get
{n} was born {a} days before {m}, who is {b} days old. How old is {n} in days?
add those numbers: {a} and {b}
give me {a} plus {b}
i had {a} points, just got {b}, how many points is that
{a} passengers at first, {b} more at the next stop, how many on board
can you tell me what {a} and {b} make
three of us? no, {a} of us, and {b} guests. how many people sit down to eat?
a farmer has {a} sheep and buys {b} goats. How many animals does the farmer have?
from {a}, go {b} higher
what number do i reach if i start at {a} and count on {b}
{n} has {a} marbles in one pocket and {b} in the other pocket, how many does {n} carry
{a} litres in the tank, we pour in {b} litres. how full is it?
the first part costs {a}, the second part {b}, what does it cost in total
{n} did {a} jumps, {m} did {b} jumps. How many jumps did they do together?
there's {a} on my card and {b} in my purse, how much money have i got
a shelf has {a} books on top and {b} books below. books?
last year {a} people came, this year {b} more than that. How many came this year?
my score was {a} and it went up {b}
{a}, and {b} on top
i drank {a} ml of milk and {b} ml of juice. how many ml did i drink
How many legs do i see if i see {a} legs here and {b} legs there?
{a} steps up and then {b} steps further up. Which step am I on?
work out the total of {a} and {b}
how much is it all together: {a}, {b}
{n} has {a} {t} and {m} has {b} more than {n}. How many does {m} have?
{n} is {a} years old and {m} is {b} years older, so how old is {m}
theres {a} in the red box n {b} in the blue one, whats that altogether
How many {t} do we own in total if I own {a} and my wife owns {b}?
sold {a} on monday, sold {b} on tuesday, whats the total sold
The baker sold {a} rolls in the morning and {b} in the afternoon. How many rolls were sold that day?
how many {t} have {n} and {m} combined, if {n} has {a} and {m} has {b}
my rent is {a} and the heating is {b}. whats the monthly cost altogether
{a} minutes by tram plus {b} minutes on foot. How long is my way to work?
got {a} off grandpa, {b} off grandma, how rich am i
{a} emails this morning and another {b} since lunch. how many did i get today
Would you kindly tell me what {a} and {b} amount to?
At the market I bought potatoes for {a} and onions for {b}. How much did I spend altogether?
the film starts in {a} minutes and lasts {b} minutes, in how many minutes is it over
teacher says add {a} and {b} but i cant
a lorry is loaded with {a} kg of sand, then {b} kg more. What is the load now?
{n} had already read {a} pages. Tonight {n} read {b} more. What page count is that?
{a} in my left hand, {b} in my right hand, both hands?
{n} jumped {a} cm and {m} jumped {b} cm further. How far did {m} jump?
our herd had {a} cows, this spring {b} calves were born. how big is the herd
{a} votes from the town and {b} votes from the villages. How many votes in total?
one team has {a} points and needs {b} more to win, how many points win
it's {a} km to the lake and from there {b} km to the hut. How far is the hut?
{n} starts with {a} {t} and is given {b}. What is the new number of {t}?
Which sum do {a} and {b} give
if u have {a} bucks and find {b} bucks how many bucks u got
the shirt costs {a}, the tie {b}. what will i pay for the two
{a} adults and {b} children went on the trip. How many went altogether?
In a vase there are {a} roses and {b} tulips. How many flowers are in the vase?
We drove for {a} minutes, rested, then drove another {b} minutes. Minutes of driving in all?
the lift already carries {a} kg, now a man of {b} kg steps in. how much does it carry
{n} caught {a} crabs, {m} caught {b}. Count them all.
last week {a} parcels, this week {b} parcels, in two weeks?
a number is {a} more than {b}. which one
the price goes up by {a} from {b}, new price?
prices rose: it was {a}, now {b} on top. what do i pay
{n} needs {a} screws for the door and {b} for the window, so how many screws
there r {a} fish in the pond, we put in {b}, how many fish r there
At first {a} people signed up, later another {b} did. How many signed up?
i've got {a} {t}. if mum buys me {b} more ill have how many
What's my bill if the starter is {a} and the main dish is {b}?
Dear helper, my stamps number {a} and my late husband's {b}. How many stamps are they together?
{n} bakes {a} buns, then bakes {b} more since they taste so good. Buns baked?
{a} spoons and {b} forks in the drawer, how many pieces is that
how many chairs do we need for {a} parents and {b} pupils
{a} and {b} combined is
lights: {a} in the hall, {b} in the yard. number of lights?
after a win of {a} my {b} coins became
the snow lay {a} cm deep and {b} cm fell overnight. How deep is it now?
to {a} join {b}. result?
{n} wants to know how many pupils there are in two classes of {a} and {b}
he weighed {a} kg and put on {b} kg. what does he weigh today
{n} paid {a} for the bike and {b} for the helmet. What was paid altogether?
My uncle is {a} years older than my dad and my dad is {b}. How old is my uncle?
{m} collected {a} shells at the beach; {n} collected {b}. how many shells combined
a game had {a} levels and an update brings {b} new ones. how many levels does it have
we walked {a} steps to school and {b} steps home. How many did we walk?
morning shift made {a} cars, night shift {b}, output of the day?
{n} spends {a} minutes on maths and {b} minutes on reading. How long does homework take?
Total of {a} plus {b} please, my calculator is broken
if {a} {t} are on the table and {b} under it, how many {t} are in the room
{a} here, {b} there, everywhere?
the bank pays me {a} interest on {b}. what have i then
a ship has {a} passengers and a crew of {b}. How many souls are on board?
{n} and {m} put their money together. {n} puts in {a} and {m} puts in {b}. How much is in the pot?
i had {a} followers and {b} new ones came this week. followers now?
{a} goals in the first half of the season, {b} in the second. How many goals altogether?
{n} picked {a} plums. {m} picked {b} plums. How many plums were picked in total?
hi i got {a} right on test one and {b} right on test two, how many right in total
What do you end up with if {a} is added to {b}
put another {a} with the {b} {t} we have, whats the count
the first book has {a} pages and the second {b} pages, how many pages do i have to read
how much do {a} grams of flour and {b} grams of sugar weigh together
{n} was {a} cm tall last year and has grown {b} cm since. How tall is {n} today?
{a} calls before noon, {b} calls after, calls all day?
how many animals does the zoo have if it has {a} birds and {b} fish
it took {n} {a} days to plan and {b} days to build the shed. How many days was that?
the pool is {a} cm deep, they dig {b} cm deeper. how deep
This month I worked {a} hours and {b} hours of overtime. Hours in total?
one jug holds {a} ml and the other holds {b} ml. How much do both hold?
{n} lent me {a} and {m} lent me {b}, how much do i have to pay back
{a} tickets went online and {b} at the door. How many tickets went?
from home to the shop is {a} m, from the shop to school {b} m. home to school is how far?
whats {a} n {b} together
{a} players on our side, {b} on theirs, how many on the pitch
if i save {a} in may and {b} in june what have i saved
what is {a} years after {b}
in the year {a} a house was built, {b} years later it burnt down. which year was that
{n} has a ribbon of {a} cm and sews on {b} cm. Length now?
The library owned {a} books and was given {b}. How many books are in the library today?
{a} tins of soup plus {b} tins of beans, how many tins stand there
i scored {a} and then {b}, add it up
{n} did {a} sit-ups before breakfast and {b} in the evening. How many is that for the day?
my two dogs weigh {a} and {b}. together they weigh?
we need {a} plates inside and {b} outside. how many plates should i get out
class one has {a} pupils, class two has {b}. number of pupils in both classes?
{a} for the room, {b} for breakfast. total for the night?
A bag of rice weighs {a} g and a bag of salt {b} g. What do I carry?
{a} more {t} arrive where {b} were already. How many {t} are there?
what is the whole if the parts are {a} and {b}
One side says {a}, one side says {b}. Sum of the two?
i counted {a} stars and my sister counted {b} others. how many stars did we count in all
{n} got {a} votes, {m} got {b}. How many people voted?
and if {a} more came to those {b}?
the farmer put {a} eggs in the basket and later {b} more eggs. how many eggs are in the basket
gas is {a}, water is {b}, what do i owe for both
the concert had {a} listeners on the first night and {b} on the second. listeners altogether?
spent {a} yesterday and {b} today. how much have i spent overall
{n} drove {a} miles and {m} drove the remaining {b} miles. How long was the whole journey?
{n} typed {a} words and has {b} words more to type. How long will the text be?
A bookcase had {a} books. Then {n} put in {b} of {m}'s. How many books are in it?
mix {a} ml of water with {b} ml of syrup, how much drink is it
could you please sum {a} and {b}, dear
grown-ups: {a}. children: {b}. everyone?
{n} sleeps {a} hours a week and naps {b} hours. how many hours does {n} rest
they had {a} and then a further {b} turned up
we were {a} in the choir, {b} have joined us. how many sing now
the wall took {a} bricks and the chimney took {b}, bricks used?
total cost of a {a} dollar lamp and a {b} dollar desk?
{n} gives {m} {a} {t}. {m} already had {b}. How many does {m} have now?
how many sweets are there if one bag has {a} sweets and the other {b}
a snail crawls {a} cm, sleeps, and crawls {b} cm. How many cm has it crawled?
i want {a} cookies and my sister wants {b}. how many cookies must mum bake
{a} spectators were seated and {b} were standing, so how many watched
we have {a} litres of milk at home and dad brings {b} litres. how many litres then?
"""
